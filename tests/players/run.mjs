// Makes packages of a generated clip, serves them on the loopback device, and lets real players in Chromium play them.
// usage: node run.mjs VODFLOW CHROMIUM MODULES

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const [vodflow, chromium, modules] = process.argv.slice(2);
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'players-'));
const out = path.join(work, 'out');
const SECONDS = 6;
const say = (text) => console.error(`test-players: ${text}`);

function run(program, words, options = {}) {
    const done = spawnSync(program, words, { maxBuffer: 1 << 26, ...options });
    if (done.status !== 0) {
        throw new Error(`${program} ${words.join(' ')}\n${done.error ?? ''}${done.stdout}${done.stderr}`);
    }
    return done.stdout;
}

/** Pictures that carry their numbers, and a tone. */
function clip() {
    const numbered = "geq=lum='if(mod(floor(N/pow(2,floor(X/32))),2),215,40)':cb=128:cr=128";
    const file = path.join(work, 'clip.mp4');
    run('ffmpeg', ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', `nullsrc=s=256x144:r=25,${numbered},format=yuv420p`,
        '-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`, '-frames:v', `${SECONDS * 25}`,
        '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-c:a', 'aac', '-b:a', '96k', file]);
    return file;
}

const key = { answer: 'right', asked: [] };
const results = [];
let finished;
const done = new Promise((resolve) => { finished = resolve; });

/** What a key service does: it knows keys by their public names. */
function answerKey(url, response) {
    const [file, edk] = [url.searchParams.get('fileId'), url.searchParams.get('edk')];
    key.asked.push(url.search);
    const known = keys.get(edk);
    if (key.answer === 'none' || !known || file !== 'players-1' || url.searchParams.get('keySource') !== 'players') {
        response.writeHead(403).end();
        return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(key.answer === 'wrong' ? Buffer.alloc(16, 9) : known);
}

const TYPES = { '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.m3u8': 'application/vnd.apple.mpegurl', '.mpd': 'application/dash+xml', '.ts': 'video/mp2t', '.mp4': 'video/mp4', '.m4s': 'video/mp4', '.aac': 'audio/aac' };

/** A file below a folder, or the range of it that is asked for. */
function answerFile(root, name, request, response) {
    const file = path.join(root, path.normalize(`/${decodeURIComponent(name)}`));
    if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
        response.writeHead(404).end();
        return;
    }
    const content = fs.readFileSync(file);
    const type = { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream', 'accept-ranges': 'bytes' };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range) {
        response.writeHead(200, type).end(content);
        return;
    }
    const [start, end] = [Number(range[1]), Math.min(range[2] === '' ? Infinity : Number(range[2]), content.length - 1)];
    if (start > end) {
        response.writeHead(416).end();
        return;
    }
    response.writeHead(206, { ...type, 'content-range': `bytes ${start}-${end}/${content.length}` }).end(content.subarray(start, end + 1));
}

async function answer(request, response) {
    const url = new URL(request.url, 'http://127.0.0.1');
    const parts = url.pathname.split('/').slice(1);
    if (request.method === 'POST') {
        let text = '';
        for await (const chunk of request) text += chunk;
        const value = JSON.parse(text);
        if (parts[0] === 'keys') key.answer = value.answer;
        if (parts[0] === 'result') judge(value);
        if (parts[0] === 'done') finished();
        response.writeHead(204).end();
    } else if (parts[0] === 'key') answerKey(url, response);
    else if (parts[0] === 'cases') response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(cases()));
    else if (parts[0] === 'out') answerFile(out, parts.slice(1).join('/'), request, response);
    else if (parts[0] === 'modules') answerFile(modules, parts.slice(1).join('/'), request, response);
    else answerFile(here, parts.join('/'), request, response);
}

const CLEAR = ['v.tier/v.tier', 'v.tier_fmp4/v.tier_fmp4', 'master_playlist', ...['ts', 'ts_range', 'mp4', 'mp4_range', 'ts_apart', 'mp4_apart', 'mp4_apart_range', 'ts_packed', 'mp4_packed_range'].map((name) => `adp.${name}/adp.${name}`)];
const SECRET = ['v.tier/v.tier', 'v.tier_fmp4/v.tier_fmp4', ...['ts', 'ts_range', 'mp4', 'mp4_range', 'ts_apart', 'mp4_apart_range', 'ts_packed'].map((name) => `adp.${name}_secret/adp.${name}_secret`)].map((name) => `drm/${name}`);

function cases() {
    const list = [];
    const add = (player, name, keys) => list.push({ player, name, source: `/out/${name}`, keys, width: 256, height: 144 });
    for (const player of ['hls.js', 'shaka']) {
        CLEAR.forEach((name) => add(player, `${name}.m3u8`, 'none'));
        SECRET.forEach((name) => add(player, `${name}.m3u8`, 'right'));
        for (const name of ['drm/v.tier/v.tier', 'drm/adp.mp4_range_secret/adp.mp4_range_secret']) {
            add(player, `${name}.m3u8`, 'none');
            add(player, `${name}.m3u8`, 'wrong');
        }
    }
    add('shaka', 'adp.dash/adp.dash.mpd', 'none');
    return list.filter(({ player, name }) => `${player} ${name}`.match(process.env.ONLY ?? ''));
}

function judge({ player, name, keys: keyAnswer, width, height, found }) {
    const secret = name.startsWith('drm/');
    let wrong = null;
    if (secret && keyAnswer !== 'right') {
        if (found.plays || found.moved) wrong = 'it plays without its key';
        else if (keyAnswer === 'none' && found.kind !== 'key') wrong = `no key error: ${found.text}`;
        else if (keyAnswer === 'wrong' && found.kind === 'key') wrong = `the key was not taken: ${found.text}`;
    } else if (!found.plays) wrong = `${found.kind}: ${found.text}`;
    else if (Math.abs(found.duration - SECONDS) > 0.15) wrong = `it lasts ${found.duration} s`;
    else if (found.width !== width || found.height !== height) wrong = `it is ${found.width}x${found.height}`;
    else if (!(found.sound > 0)) wrong = 'no sound was decoded';
    const state = secret ? `  key: ${keyAnswer}` : '';
    const told = found.plays ? `${found.width}x${found.height} ${found.duration.toFixed(2)} s, picture ${found.picture}` : `refused (${found.text})`;
    console.log(`${wrong ? 'FAILED' : 'ok    '} ${player.padEnd(6)} ${name}${state}  ${wrong ?? told}`);
    results.push(wrong);
}

const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => { say(error.stack); response.destroy(); });
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const keys = new Map();
let browser;
try {
    say('making packages');
    const words = ['run', path.join(here, 'players.vod'), clip(), '--out', out, '--key-url', `${origin}/key`, '--file-id', 'players-1'];
    run(vodflow, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const name of SECRET) {
        const playlist = path.join(out, `${name}.m3u8`);
        const beside = fs.readdirSync(path.dirname(playlist)).filter((file) => file.endsWith('.m3u8'));
        const text = beside.map((file) => fs.readFileSync(path.join(path.dirname(playlist), file), 'utf8')).join('');
        keys.set(/edk=([0-9a-f]+)/.exec(text)[1], run(vodflow, ['key', '--raw', playlist]));
    }
    say(`playing ${cases().length} cases`);
    browser = spawn(chromium, ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--mute-audio', '--no-first-run',
        '--disable-background-networking', '--disable-extensions', '--disable-background-timer-throttling', '--disable-renderer-backgrounding',
        '--autoplay-policy=no-user-gesture-required', `--user-data-dir=${path.join(work, 'profile')}`, `${origin}/page.html`], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    browser.stderr.on('data', (chunk) => { log = (log + chunk).slice(-4000); });
    const gone = new Promise((_, fail) => browser.on('exit', (code) => fail(new Error(`Chromium ended (${code})\n${log}`))));
    let timer;
    const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`the page did not finish\n${log}`)), 480000); });
    await Promise.race([done, gone, late]);
    clearTimeout(timer);
    gone.catch(() => {});
} finally {
    if (browser && browser.exitCode === null) {
        const ended = new Promise((resolve) => browser.on('exit', resolve));
        browser.kill();
        await ended;
    }
    server.closeAllConnections();
    server.close();
    fs.rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
const failed = results.filter(Boolean).length;
if (results.length !== cases().length) throw new Error(`${results.length} of ${cases().length} cases were played`);
if (key.asked.length === 0 && !process.env.ONLY) throw new Error('nobody asked for a key');
say(failed ? `${failed} of ${results.length} failed` : `all ${results.length} are right`);
process.exitCode = failed ? 1 : 0;
