# SPDX-License-Identifier: Apache-2.0
"""Synthetic pictures with known contents, deterministic by the random generator handed in."""
