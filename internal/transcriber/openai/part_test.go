package openai_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/media"
	"griot/internal/transcriber"
	"griot/internal/transcriber/openai"
)

// minute is 8-bit sound of 8 kHz in which each sample tells where it is.
var minute = func() []byte {
	b := make([]byte, 60*8000)
	for i := range b {
		b[i] = byte(i>>8*31 + i)
	}
	return b
}()

// waveFile is a WAV with samples of 8 bits that are coded as tag says.
func waveFile(tag uint16, sound []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+len(sound)))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, tag), 1)
	b = le.AppendUint32(le.AppendUint32(b, 8000), 8000)
	b = le.AppendUint16(le.AppendUint16(b, 1), 8)
	return append(le.AppendUint32(append(b, "data"...), uint32(len(sound))), sound...)
}

// studio is a place with one recording, before a server that plays its replies
// and keeps what it was sent.
type studio struct {
	*testing.T
	place
	r       transcriber.Recording
	most    int64
	server  *httptest.Server
	sent    []string // files
	replies func(n int) (status int, body string)
}

func newStudio(t *testing.T, file []byte, kind string, most int64) *studio {
	s := &studio{T: t, place: newPlace(t), most: most, replies: func(n int) (int, string) { return 200, fmt.Sprintf(`{"text":"part %d"}`, n) }}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > s.most && s.most > 0 {
			t.Errorf("a request has %d bytes", r.ContentLength)
		}
		sound, ok := has(asked(t, r), "file=recording."+kind)
		if !ok {
			t.Error("no file was sent")
		}
		s.sent = append(s.sent, sound)
		status, body := s.replies(len(s.sent))
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.server.Close)
	s.r = recording
	s.r.Kind, s.r.Size = kind, int64(len(file))
	if _, err := s.blobs.Put(t.Context(), s.r.Object, bytes.NewReader(file), s.r.Size, blob.Put{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// process is a new one.
func (s *studio) process() *openai.Engine {
	s.Helper()
	e, err := openai.New(&http.Client{}, s.blobs, s.jobs, openai.Config{URL: s.server.URL, Model: "m", MaxBytes: s.most, Sole: true, Now: time.Now})
	if err != nil {
		s.Fatal(err)
	}
	return e
}

// outcome has a new process do what there is to do.
func (s *studio) outcome() (transcriber.Result, error) {
	s.Helper()
	e := s.process()
	if err := e.Start(s.Context(), s.r); err != nil {
		return transcriber.Result{}, err
	}
	s.carryOut(s.Context(), s.T, e, s.r, func() bool { return true })
	return e.Result(s.Context(), s.r)
}

// check holds the answers of a minute against what was sent: together they are
// the whole of it, and each is about the sound that it says.
func (s *studio) check(res transcriber.Result, parts int) {
	s.Helper()
	if res.State != transcriber.Done || len(res.Answers) != parts {
		s.Fatalf("the job is %v, with %d answers", res.State, len(res.Answers))
	}
	for i, a := range res.Answers {
		body, _, err := s.blobs.Get(s.Context(), a.Object)
		if err != nil {
			s.Fatal(err)
		}
		defer body.Close()
		var n int
		if _, err := fmt.Fscanf(body, `{"text":"part %d"}`, &n); err != nil {
			s.Fatal(err)
		}
		file := s.sent[n-1]
		f, err := media.Read(strings.NewReader(file), int64(len(file)))
		if err != nil || f.Kind != media.WAV || !bytes.HasPrefix(minute[a.StartMS*8:], []byte(file[44:])) {
			s.Errorf("part %d is %+v, %v, or not the sound from %d ms", i, f, err, a.StartMS)
		}
		end, next := a.StartMS+f.DurationMS, int64(60_000)
		if i < parts-1 {
			next = res.Answers[i+1].FromMS
			if a.ToMS != next {
				s.Errorf("part %d counts to %d ms, and the next from %d", i, a.ToMS, next)
			}
		} else if a.ToMS != 0 {
			s.Errorf("the last part counts to %d ms", a.ToMS)
		}
		if a.StartMS > a.FromMS || end < next || i == 0 && a.FromMS != 0 {
			s.Errorf("part %d has %d to %d ms, and counts from %d to %d", i, a.StartMS, end, a.FromMS, next)
		}
	}
}

func TestParts(t *testing.T) {
	for name, test := range map[string]struct {
		most  int64
		parts int
	}{
		"no limit":            {0, 1},
		"it fits":             {500_000, 1},
		"with the form, not":  {480_100, 2},
		"one after the other": {200_000, 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, waveFile(1, minute), "wav", test.most)
			res, err := s.outcome()
			if err != nil {
				t.Fatal(err)
			}
			s.check(res, test.parts)
			if len(s.sent) != test.parts {
				t.Errorf("%d calls", len(s.sent))
			}
		})
	}
}

// Whatever happens between two parts, what was answered is not asked again, and
// the rest is what it would have been.
func TestBetweenParts(t *testing.T) {
	good := func(n int) (int, string) { return 200, fmt.Sprintf(`{"text":"part %d"}`, n) }
	for name, test := range map[string]struct {
		first func(t *testing.T, s *studio)
		most  int64
		calls []int // how often each file was sent, in the order of first calls
		parts int
	}{
		"a part fails for a while": {func(t *testing.T, s *studio) {
			s.replies = func(n int) (int, string) {
				if n == 2 {
					return 503, ""
				}
				return good(n)
			}
			if _, err := s.outcome(); err == nil || transcriberKind(err) != transcriber.Unavailable {
				t.Errorf("the second part failed: %v", err)
			}
		}, 200_000, []int{1, 2, 1, 1}, 4},
		"the process ends": {func(t *testing.T, s *studio) {
			dies(t, s, good)
		}, 200_000, []int{1, 2, 1, 1}, 4},
		"its time is over": {func(t *testing.T, s *studio) {
			ctx := &timed{t.Context(), make(chan struct{})}
			s.replies = func(n int) (int, string) {
				if n == 2 {
					close(ctx.over)
					return 200, `{"text":"too late"`
				}
				return good(n)
			}
			e := s.process()
			if err := e.Start(t.Context(), s.r); err != nil {
				t.Fatal(err)
			}
			if err := e.Work(ctx, s.r); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the message does not come back: %v", err)
			}
		}, 200_000, []int{1, 2, 1, 1}, 4},
		"and the session is tried again": {func(t *testing.T, s *studio) {
			dies(t, s, good)
			s.carryOut(t.Context(), t, s.process(), s.r, func() bool { return false }) // nobody waits for the first any more
			s.r.Attempt, s.r.Answer = 2, "sessions/a/transcription/2/"
		}, 200_000, []int{1, 2, 1, 1}, 4},
		"and the next has another limit": {func(t *testing.T, s *studio) {
			dies(t, s, good)
		}, 450_000, []int{1, 1, 1, 1}, 2},
		"and the next has none": {func(t *testing.T, s *studio) {
			dies(t, s, good)
		}, 0, []int{1, 1, 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, waveFile(1, minute), "wav", 200_000)
			test.first(t, s)
			s.most = test.most
			res, err := s.outcome()
			if err != nil {
				t.Fatal(err)
			}
			s.check(res, test.parts)
			var files []string
			var calls []int
			for _, f := range s.sent {
				i := slices.Index(files, f)
				if i < 0 {
					i = len(files)
					files, calls = append(files, f), append(calls, 0)
				}
				calls[i]++
			}
			if !slices.Equal(calls, test.calls) {
				t.Errorf("the parts were sent %v times, want %v", calls, test.calls)
			}
		})
	}
}

// timed is a context whose time is over when it is said.
type timed struct {
	context.Context
	over chan struct{}
}

func (c *timed) Done() <-chan struct{} { return c.over }

func (c *timed) Err() error {
	select {
	case <-c.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// dies is a process that ends while the server is at the second part.
func dies(t *testing.T, s *studio, good func(int) (int, string)) {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	s.replies = func(n int) (int, string) {
		if n == 2 {
			kill()
			return 200, `{"text":"too late"`
		}
		return good(n)
	}
	e := s.process()
	if err := e.Start(t.Context(), s.r); err != nil {
		t.Fatal(err)
	}
	if err := e.Work(ctx, s.r); err == nil {
		t.Error("the work ends well")
	}
}

func transcriberKind(err error) transcriber.Kind {
	e, ok := transcriber.As(err)
	if !ok {
		return -1
	}
	return e.Kind
}

// A part that is refused for good ends the job, and no more is sent.
func TestPartRefused(t *testing.T) {
	s := newStudio(t, waveFile(1, minute), "wav", 200_000)
	s.replies = func(n int) (int, string) {
		if n == 2 {
			return 400, `{"error":{"message":"could not decode audio","param":"file"}}`
		}
		return 200, `{"text":"a"}`
	}
	for range 2 {
		if _, err := s.outcome(); transcriberKind(err) != transcriber.Unsupported || len(s.sent) != 2 {
			t.Errorf("%v after %d calls", err, len(s.sent))
		}
	}
}

func TestTooLargeIsNotSent(t *testing.T) {
	rubbish := bytes.Repeat([]byte("rubbish "), 1<<18)
	for name, test := range map[string]struct {
		kind    string
		file    []byte
		atStart bool
	}{
		"M4A":                   {"m4a", rubbish, true},
		"Opus":                  {"ogg", rubbish, true},
		"WAV that is not PCM":   {"wav", waveFile(0x11, rubbish), false},
		"FLAC that none is":     {"flac", rubbish, false},
		"MP3 without one frame": {"mp3", rubbish, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, test.file, test.kind, 1<<20)
			err := s.process().Start(t.Context(), s.r)
			if (err != nil) != test.atStart {
				t.Errorf("Start: %v", err)
			}
			if err == nil {
				_, err = s.outcome()
			}
			e, ok := transcriber.As(err)
			if !ok || e.Kind != transcriber.TooLarge || !strings.Contains(e.Message, "MB, the transcription engine at 127.0.0.1:") || !strings.Contains(e.Message, "at most 1 MB") {
				t.Error(err)
			}
			if len(s.sent) > 0 {
				t.Errorf("%d files were sent", len(s.sent))
			}
		})
	}
}
