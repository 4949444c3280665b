# What a site needs beside SIP: file shares, directories, databases, names, leases, and what administers it. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154
