#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=1 --optimize-for-size
// They keep memory small (README, "Footprint"): what loading a model took goes back to the system, young objects get little room, and
// old ones are collected before there are many.
import '../dist/program.js';
