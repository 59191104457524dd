"""Quality of service: policies, their rules, and what ports ask of Placement because of them."""
