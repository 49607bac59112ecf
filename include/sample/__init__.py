"""Builds the sample dumps that the demo and the tests run on."""
