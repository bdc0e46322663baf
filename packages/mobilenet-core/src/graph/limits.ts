/** @file How large a model file may be: known also to whoever only reads one and passes it on. */

/** The largest file that is opened. MobileNetV1 at α 1 in float32 is 17 MB; α 4 would be 240 MB. */
export const maxModelBytes = 256 * 2 ** 20;
