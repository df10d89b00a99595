"""The policy API of the seed, on this machine, with behaviours to order."""

from local_stack.policy_api.server import PolicyApi

__all__ = ["PolicyApi"]
