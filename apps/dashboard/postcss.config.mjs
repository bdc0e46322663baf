/** @file Tailwind is the only transform. */
export default { plugins: { '@tailwindcss/postcss': {} } };
