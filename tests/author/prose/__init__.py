"""Tests of the policy in plain English."""
