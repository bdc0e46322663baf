import { describe, expect, it } from 'vitest';
import { hardwareClass } from './hardware-class.ts';

describe('the class of a machine', () => {
  it.each([
    ['Raspberry Pi 4 Model B Rev 1.4', 4, 'Raspberry Pi 4'],
    ['Raspberry Pi 4 Model B Rev 1.1', 4, 'Raspberry Pi 4'],
    ['Raspberry Pi 5 Model B Rev 1.0', 4, 'Raspberry Pi 5'],
    ['Raspberry Pi 3 Model B Plus Rev 1.3', 4, 'Raspberry Pi 3'],
    ['Raspberry Pi 400 Rev 1.0', 4, 'Raspberry Pi 400'],
    ['Raspberry Pi Zero 2 W Rev 1.0', 4, 'Raspberry Pi Zero 2 W'],
    ['Raspberry Pi Compute Module 4 Rev 1.1', 4, 'Raspberry Pi Compute Module 4'],
    ['Raspberry Pi Compute Module 4S Rev 1.0', 4, 'Raspberry Pi Compute Module 4S'],
    ['NVIDIA Jetson Orin Nano Developer Kit', 6, 'Jetson Orin Nano'],
    ['NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super', 6, 'Jetson Orin Nano'],
    ['NVIDIA Orin Nano Developer Kit', 6, 'Jetson Orin Nano'],
    ['NVIDIA Jetson AGX Orin Developer Kit', 12, 'Jetson AGX Orin'],
    ['NVIDIA Jetson Xavier NX Developer Kit', 6, 'Jetson Xavier NX'],
    ['NVIDIA Jetson Nano Developer Kit', 4, 'Jetson Nano'],
    ['Jetson-AGX', 8, 'Jetson AGX Xavier'],
    ['Intel(R) Xeon(R) CPU @ 2.20GHz', 2, 'Intel Xeon, 2 cores'],
    ['AMD Ryzen 7 5800X 8-Core Processor', 16, 'AMD Ryzen 7 5800X, 16 cores'],
    ['Nano Pi R5S', 4, 'Nano Pi R5S, 4 cores'],
    ['  ', 1, 'unknown, 1 core'],
  ])('%s, %i cores: %s', (model, cores, expected) => {
    expect(hardwareClass({ model, cores })).toBe(expected);
  });
});
