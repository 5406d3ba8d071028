"""Deploy: engines, provisioning, the local stack and the demo; holds no rule of the domain."""
