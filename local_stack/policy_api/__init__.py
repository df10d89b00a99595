"""The policy API, on this machine, with behaviours that tests order."""

from local_stack.policy_api.server import PolicyApi

__all__ = ["PolicyApi"]
