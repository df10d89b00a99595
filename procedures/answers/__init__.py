"""What an answer of the policy API means, read from its JSON; nothing is sent from here."""
