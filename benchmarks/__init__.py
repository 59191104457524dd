"""How fast the emulator is, as ratios to a bare aiohttp handler: python -m benchmarks."""
