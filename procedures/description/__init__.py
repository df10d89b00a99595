"""How the policy API is spoken to: the var policy_api, its templates and its pointers."""
