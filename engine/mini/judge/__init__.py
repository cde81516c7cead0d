# SPDX-License-Identifier: Apache-2.0
"""Pictures with known truth, and the ways to spoil them."""
