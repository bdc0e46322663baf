#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=1
// Both keep memory small (README, "Footprint"): what loading a model took goes back to the system, and young objects get little room.
import '../dist/program.js';
