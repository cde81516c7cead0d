// SPDX-License-Identifier: Apache-2.0
//
// sharp, doing the job of tessera-preprocess: one line of JSON in, one line of JSON out.
'use strict';
const fs = require('fs');
const readline = require('readline');
const sharp = require(process.env.SHARP_PATH || 'sharp');

sharp.cache(false);
sharp.concurrency(1);

const files = new Map();

function load(path) {
  if (!files.has(path)) files.set(path, fs.readFileSync(path));
  return files.get(path);
}

function pipeline(path, variant) {
  return sharp(load(path), { limitInputPixels: 500e6 })
    .autoOrient()
    .flatten({ background: '#fff' })
    .resize(768, 768, {
      fit: 'inside',
      withoutEnlargement: true,
      fastShrinkOnLoad: variant !== 'safe',
    });
}

async function once(request) {
  const job = pipeline(request.path, request.variant);
  if (request.save) {
    // What is judged is always a PNG: of the pixels, or of what the JPEG shows.
    const jpeg = () => job.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer();
    const judged = request.sink === 'jpeg' ? sharp(await jpeg()) : job;
    fs.writeFileSync(request.save, await judged.png({ compressionLevel: 1 }).toBuffer());
    return {};
  }
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const out = await job.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer();
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  const used = process.cpuUsage(cpu);
  return { ms, cpu_ms: (used.user + used.system) / 1e3, bytes: out.length };
}

// As many pictures as fit into the time, with so many in flight.
async function throughput(request) {
  load(request.path);
  const end = Date.now() + request.seconds * 1e3;
  let done = 0;
  const start = process.hrtime.bigint();
  const lane = async () => {
    while (Date.now() < end) {
      await pipeline(request.path, request.variant)
        .jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer();
      ++done;
    }
  };
  await Promise.all(Array.from({ length: request.in_flight }, lane));
  return { per_s: done / (Number(process.hrtime.bigint() - start) / 1e9) };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = request.op === 'throughput' ? await throughput(request)
        : request.op === 'load' ? { bytes: load(request.path).length }
        : request.op === 'version' ? { sharp: sharp.versions.sharp, libvips: sharp.versions.vips }
          : await once(request);
    } catch (error) {
      answer = { error: String(error.message || error) };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
}

main();
