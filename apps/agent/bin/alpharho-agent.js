#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=131072 MALLOC_ARENA_MAX=1 node --max-semi-space-size=1 --optimize-for-size --no-sparkplug
// They keep memory small, and as it is for a year (README, "Footprint"): what loading a model took goes back to the system, threads share
// one heap, young objects get little room, old ones are collected before there are many, and what runs seldom is not compiled.
import '../dist/program.js';
