// What Python packs (`app/components/packed.py`): base64 of zlib, of JSON or of numbers.

/** @param {string} packed */
async function inflated(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")));
}

/**
 * Return the value that was packed as JSON.
 * @param {string} packed
 * @returns {Promise<any>}
 */
export async function unpackedJson(packed) {
  return JSON.parse(await (await inflated(packed)).text());
}

const HOLE = -32768;

/**
 * Return named fields of numbers; a hole is NaN.
 * @param {string} packed Whole numbers of 16 bits, field after field.
 * @param {[string, number][]} fields Name and scale of each field.
 * @param {number} size Numbers in each field.
 * @returns {Promise<Record<string, Float32Array>>}
 */
export async function unpackedNumbers(packed, fields, size) {
  const whole = new Int16Array(await (await inflated(packed)).arrayBuffer());
  return Object.fromEntries(fields.map(([name, scale], k) =>
    [name, Float32Array.from(whole.subarray(k * size, (k + 1) * size), (v) => (v === HOLE ? NaN : v * scale))]));
}
