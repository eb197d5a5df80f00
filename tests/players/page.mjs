// Plays each case in turn, as a visitor would, and reports what became of it.

const HANGS = 10000;

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Where the film stands. */
function state() {
    const video = document.querySelector('video');
    const ranges = [...Array(video.buffered.length).keys()].map((at) => `${video.buffered.start(at)}-${video.buffered.end(at)}`);
    return `at ${video.currentTime} of ${video.duration}, there is ${ranges.join(', ')}`;
}

/** Ends when the condition holds, fails when the player fails or nothing happens for too long. */
async function until(what, condition, failed) {
    const end = Date.now() + HANGS;
    while (!condition()) {
        if (failed.error) throw failed.error;
        if (Date.now() > end) throw { kind: 'hangs', text: `waited for ${what}, ${state()}` };
        await wait(0.05);
    }
}

/** hls.js on its highest rung; gives what destroys it. */
function hls(video, source, failed) {
    const one = { maxNumRetry: 0, retryDelayMs: 0, maxRetryDelayMs: 0 };
    const keys = { default: { maxTimeToFirstByteMs: 5000, maxLoadTimeMs: 5000, timeoutRetry: one, errorRetry: one } };
    const player = new Hls({ keyLoadPolicy: keys });
    player.on(Hls.Events.ERROR, (_, data) => {
        const text = `${data.details} ${data.error?.message ?? ''} ${data.response?.code ?? ''}`;
        if (data.fatal) failed.error = { kind: /^key/.test(data.details) ? 'key' : 'player', text };
    });
    player.on(Hls.Events.MANIFEST_PARSED, (_, data) => { player.currentLevel = data.levels.length - 1; });
    player.loadSource(source);
    player.attachMedia(video);
    return () => player.destroy();
}

/** Shaka on its highest rung. */
async function shakaPlayer(video, source, failed) {
    const player = new shaka.Player();
    const fail = (error) => {
        const key = error.category === 1 && String(error.data?.[0]).includes('/key?');
        failed.error ??= { kind: key ? 'key' : 'player', text: `shaka ${error.code} ${error.message ?? ''} ${JSON.stringify(error.data ?? null)}`.slice(0, 200) };
    };
    player.addEventListener('error', (event) => fail(event.detail));
    player.configure({ abr: { enabled: false }, streaming: { retryParameters: { maxAttempts: 1 } }, manifest: { retryParameters: { maxAttempts: 1 } } });
    await player.attach(video);
    player.load(source).then(() => {
        const tracks = player.getVariantTracks().sort((a, b) => (b.height ?? 0) - (a.height ?? 0));
        player.selectVariantTrack(tracks[0], true);
    }).catch(fail);
    return () => player.destroy();
}

/** The number that the picture carries as eight grey blocks. */
function numberShown(video) {
    const canvas = document.createElement('canvas');
    canvas.width = 256;
    canvas.height = 144;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 256, 144);
    let number = 0;
    for (let bit = 0; bit < 8; bit += 1) {
        if (context.getImageData(bit * 32 + 16, 72, 1, 1).data[0] > 128) number |= 1 << bit;
    }
    return number;
}

async function play({ player, source, width, height }) {
    const video = document.createElement('video');
    video.muted = true;
    document.body.replaceChildren(video);
    const failed = { error: null };
    const end = await (player === 'hls.js' ? hls : shakaPlayer)(video, source, failed);
    try {
        video.play().catch(() => {});
        await until('playback', () => video.currentTime > 0.5, failed);
        await until(`pictures of ${width}x${height}`, () => video.videoWidth === width && video.videoHeight === height, failed);
        video.pause();
        // In the middle of picture 110, in the third segment.
        video.currentTime = 110.5 / 25;
        await until('a jump', () => !video.seeking && video.readyState >= 2, failed);
        // Players take the first time of decoding for the start, which lies up to two pictures before the first picture.
        const right = () => Math.abs(numberShown(video) - 109) <= 1;
        await until('picture 110', right, failed).catch((error) => {
            throw error.kind === 'hangs' ? { kind: 'picture', text: `picture ${numberShown(video)} is shown, not 110` } : error;
        });
        const picture = numberShown(video);
        video.play().catch(() => {});
        await until('the end', () => video.ended, failed);
        return { plays: true, picture, duration: video.duration, width: video.videoWidth, height: video.videoHeight, sound: video.webkitAudioDecodedByteCount };
    } catch (error) {
        return { plays: false, moved: video.currentTime > 0, kind: error.kind ?? 'page', text: error.text ?? String(error) };
    } finally {
        await end();
    }
}

const post = (path, value) => fetch(path, { method: 'POST', body: JSON.stringify(value) });

shaka.polyfill.installAll();
for (const one of await (await fetch('/cases')).json()) {
    await post('/keys', { answer: one.keys });
    await post('/result', { ...one, found: await play(one) });
}
await post('/done', {});
