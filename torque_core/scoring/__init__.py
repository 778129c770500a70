"""Torque of node pairs: pair features, lever arms, forces, and the null model that torque is compared with."""
