// Package transcribertest holds the conformance suite of the transcriber port:
// what a driver makes of services that are slow, throttled, broken or of
// another opinion, and of calls that come twice or too late.
package transcribertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/transcriber"
)

// Reply is what a service makes of a recording.
type Reply struct {
	Kind  transcriber.Kind // of what fails
	Fails bool
	After time.Duration // of what fails and may pass: what the service asks for
	Said  []Said        // of what does not fail; none is silence
	// Hold, where there is one, is closed before the service is ready.
	Hold <-chan struct{}
}

// Said is a stretch of speech; Speaker counts from 0.
type Said struct {
	Speaker        int
	StartMS, EndMS int64
	Text           string
}

// Service plays the replies, one for each recording that it is paid for, the
// last again and again.
type Service struct {
	mu      sync.Mutex
	replies []Reply
	paid    int
	last    Asked
}

// Plays returns a service that plays these replies.
func Plays(replies ...Reply) *Service { return &Service{replies: replies} }

// Asked is what the service was asked, as its wire has it.
type Asked struct {
	Language string
	Speakers bool   // it is to tell who speaks
	Words    string // that may be said
}

// Next is called by a driver's harness when the service is asked.
func (s *Service) Next(a Asked) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.replies[min(s.paid, len(s.replies)-1)]
	s.paid++
	s.last = a
	return r
}

// Paid is how often it was asked.
func (s *Service) Paid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paid
}

// Harness is what a driver gives to the suite.
type Harness struct {
	// Blobs is a new, empty store.
	Blobs func(t *testing.T) blob.Store
	// New returns an engine before a service, as a new process has it: what an
	// earlier one has done shows in the stores and in the service.
	New func(t *testing.T, blobs blob.Store, s *Service) transcriber.Engine
	// Work carries out what the engine and its service do outside of calls,
	// until nothing is left to do or ctx ends. wanted is false once the job was
	// stopped.
	Work func(ctx context.Context, t *testing.T, e transcriber.Engine, r transcriber.Recording, wanted func() bool)
	// Speakers is set where the driver has the service tell who speaks.
	Speakers bool
	// Names is set where names that may be said go with each request.
	Names bool
}

var talk = []Said{
	{0, 0, 1800, "Where do the invoices from Larkspur go?"},
	{1, 2100, 4900, "Straight to the plum cabinet, every Friday."},
}

const hour = 3_600_000 // ms

const secret = "plum cabinet" // which no error tells

// bench is one engine before one service.
type bench struct {
	*testing.T
	Harness
	blobs   blob.Store
	service *Service
	engine  transcriber.Engine
	stopped sync.Map // names of jobs
}

func (b *bench) restart() { b.engine = b.New(b.T, b.blobs, b.service) }

func (b *bench) recording(attempt int64) transcriber.Recording {
	b.Helper()
	const sound = "RIFF....WAVE, let us say"
	r := transcriber.Recording{
		Job:    transcriber.Job{Workspace: "ws_1", Session: "ses_1", Attempt: attempt},
		Object: "uploads/ws_1/upl_1", Size: int64(len(sound)), Kind: "wav", DurationMS: 5000, Channels: 1, SampleRate: 16_000,
		Language: "pt-BR", Speakers: 2, Title: "Who runs invoicing.mp3", Names: []string{"Priya Raman", "Larkspur"},
		Answer: fmt.Sprintf("sessions/ws_1/ses_1/transcription/%d/", attempt), Kept: "sessions/ws_1/ses_1/transcription/kept/",
	}
	if _, err := b.blobs.Put(b.Context(), r.Object, strings.NewReader(sound), r.Size, blob.Put{}); err != nil {
		b.Fatal(err)
	}
	return r
}

func (b *bench) work(r transcriber.Recording) {
	b.Work(b.Context(), b.T, b.engine, r, func() bool { _, stopped := b.stopped.Load(r.Name()); return !stopped })
}

func (b *bench) start(r transcriber.Recording) {
	b.Helper()
	if err := b.engine.Start(b.Context(), r); err != nil {
		b.Fatal("Start:", err)
	}
}

func (b *bench) result(r transcriber.Recording) transcriber.Result {
	b.Helper()
	res, err := b.engine.Result(b.Context(), r)
	if err != nil {
		b.Fatal("Result:", err)
	}
	return res
}

func (b *bench) stop(r transcriber.Recording) {
	b.Helper()
	b.stopped.Store(r.Name(), true)
	err := b.engine.Stop(b.Context(), transcriber.Recording{Job: r.Job, Object: r.Object, Answer: r.Answer, Kept: r.Kept})
	for range 50 {
		e, ok := transcriber.As(err)
		if !ok || e.Kind != transcriber.Busy {
			break
		}
		b.work(r)
		err = b.engine.Stop(b.Context(), r)
	}
	if err != nil {
		b.Fatal("Stop:", err)
	}
}

// answers reads what the engine said, all parts together.
func (b *bench) answers(r transcriber.Recording) string {
	b.Helper()
	res := b.result(r)
	if res.State != transcriber.Done || len(res.Answers) == 0 {
		b.Fatalf("the job is %v, with %d answers", res.State, len(res.Answers))
	}
	var text strings.Builder
	for _, a := range res.Answers {
		if !strings.HasPrefix(a.Object, r.Kept) {
			b.Errorf("an answer is at %s, which is not below %s", a.Object, r.Kept)
		}
		body, _, err := b.blobs.Get(b.Context(), a.Object)
		if err != nil {
			b.Fatal(err)
		}
		defer body.Close()
		if _, err := io.Copy(&text, body); err != nil {
			b.Fatal(err)
		}
	}
	return text.String()
}

// wantError also looks that the message is one for people.
func (b *bench) wantError(err error, kind transcriber.Kind) *transcriber.Error {
	b.Helper()
	e, ok := transcriber.As(err)
	if !ok || e.Kind != kind {
		b.Fatalf("the error is %v, want one that is %v", err, kind)
	}
	if strings.Contains(err.Error()+e.Message, secret) || strings.Contains(err.Error()+e.Message, "Larkspur") {
		b.Errorf("the error quotes: %v; %s", err, e.Message)
	}
	if !strings.HasSuffix(e.Message, ".") || len(e.Message) < 30 {
		b.Errorf("the message is no sentence: %q", e.Message)
	}
	return e
}

func (b *bench) wantPaid(n int) {
	b.Helper()
	if paid := b.service.Paid(); paid != n {
		b.Errorf("paid %d times, want %d", paid, n)
	}
}

func (b *bench) objects(r transcriber.Recording) (keys []string) {
	b.Helper()
	objects, _, err := b.blobs.List(b.Context(), r.Answer, "")
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

// Run runs the suite, one subtest per promise of the port.
func Run(t *testing.T, h Harness) {
	answers := []Reply{{Said: talk}}
	tests := []struct {
		name    string
		replies []Reply
		run     func(*bench)
	}{
		{"Answer", answers, testAnswer},
		{"Unknown", answers, testUnknown},
		{"StartTwice", answers, testStartTwice},
		{"AnotherAttempt", answers, testAnotherAttempt},
		{"Restart", answers, testRestart},
		{"Silence", []Reply{{}}, testSilence},
		{"Asked", answers, testAsked},
		{"Hours", []Reply{{Said: []Said{{0, 3*hour - 9_000, 3*hour - 8_000, "Goodnight."}}}}, testHours},
		{"OtherLanguage", answers, testOtherLanguage},
		{"AnswersTwice", answers, testAnswersTwice},
		{"Slow", nil, testSlow},
		{"NeverAnswers", nil, testNeverAnswers},
		{"StopWhileItWorks", nil, testStopWhileItWorks},
		{"StopBeforeItWorks", answers, testStopBeforeItWorks},
		{"StopAfterwards", answers, testStopAfterwards},
		{"Passes", nil, testPasses},
		{"Final", nil, testFinal},
		{"StoreFails", answers, testStoreFails},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := &bench{T: t, Harness: h, blobs: h.Blobs(t), service: Plays(test.replies...)}
			b.restart()
			test.run(b)
		})
	}
}

func testAnswer(b *bench) {
	r := b.recording(1)
	b.start(r)
	if s := b.result(r).State; s != transcriber.Queued && s != transcriber.Running {
		b.Errorf("a job that was just started is %v", s)
	}
	b.work(r)
	text := b.answers(r)
	for _, s := range talk {
		for word := range strings.FieldsSeq(strings.Trim(s.Text, ".?")) {
			if !strings.Contains(text, strings.Trim(word, ",")) {
				b.Errorf("the answer lacks %q: %s", word, text)
			}
		}
	}
	b.wantPaid(1)
}

func testUnknown(b *bench) {
	r := b.recording(1)
	if res := b.result(r); res.State != transcriber.None {
		b.Errorf("a job that was never started is %v", res.State)
	}
	b.stop(r)
	b.wantPaid(0)
}

func testStartTwice(b *bench) {
	r := b.recording(1)
	b.start(r)
	b.start(r)
	b.work(r)
	b.start(r)
	b.work(r)
	b.answers(r)
	b.wantPaid(1)
}

// What one attempt was answered is kept for the next, started or not, as long as
// that would ask the same.
func testAnotherAttempt(b *bench) {
	first, second, third, other := b.recording(1), b.recording(2), b.recording(3), b.recording(4)
	b.start(first)
	b.work(first)
	said := b.answers(first)
	b.stop(first)
	b.clear(first)
	b.restart()
	b.start(second)
	b.work(second)
	for _, r := range []transcriber.Recording{second, third} {
		if again := b.answers(r); again != said {
			b.Errorf("attempt %d has %s, and the first %s", r.Attempt, again, said)
		}
	}
	b.wantPaid(1)
	other.Language = "de-DE"
	if res := b.result(other); res.State != transcriber.None {
		b.Errorf("of another language the answer is %v", res.State)
	}
	b.start(other)
	b.work(other)
	b.answers(other)
	b.wantPaid(2)
}

// What a process has begun another one finds.
func testRestart(b *bench) {
	r := b.recording(1)
	b.start(r)
	b.restart()
	b.start(r)
	b.work(r)
	b.restart()
	b.start(r)
	b.work(r)
	b.answers(r)
	b.wantPaid(1)
}

func testSilence(b *bench) {
	r := b.recording(1)
	b.start(r)
	b.work(r)
	if text := b.answers(r); strings.Contains(text, "Larkspur") {
		b.Errorf("silence says %s", text)
	}
}

func testAsked(b *bench) {
	r := b.recording(1)
	b.start(r)
	b.work(r)
	asked := b.service.last
	if !strings.HasPrefix(asked.Language, "pt") || asked.Speakers != b.Speakers {
		b.Errorf("asked for language %q, speakers %v", asked.Language, asked.Speakers)
	}
	for _, words := range []string{"Who runs invoicing", "Priya Raman", "Larkspur"} {
		if b.Names && !strings.Contains(asked.Words, words) {
			b.Errorf("the words that may be said are %q, without %q", asked.Words, words)
		}
	}
}

// Three hours of silence, and a word at the end.
func testHours(b *bench) {
	r := b.recording(1)
	r.DurationMS, r.Speakers = 3*hour, 0
	b.start(r)
	b.work(r)
	if text := b.answers(r); !strings.Contains(text, "Goodnight") {
		b.Errorf("three hours say %s", text)
	}
	b.wantPaid(1)
}

// A language that a service does not have is refused before it is paid for, or
// the service hears what it can.
func testOtherLanguage(b *bench) {
	r := b.recording(1)
	r.Language = "tlh"
	if err := b.engine.Start(b.Context(), r); err != nil {
		b.wantError(err, transcriber.Unsupported)
		b.wantPaid(0)
		return
	}
	b.work(r)
	b.answers(r)
}

// A service that says twice that it is done, or does it twice, has one answer.
func testAnswersTwice(b *bench) {
	r := b.recording(1)
	b.start(r)
	var wg sync.WaitGroup
	wg.Go(func() { b.work(r) })
	wg.Go(func() { b.work(r) })
	wg.Wait()
	first := b.answers(r)
	b.work(r)
	if second := b.answers(r); second != first {
		b.Errorf("the answer was %s, and became %s", first, second)
	}
	b.wantPaid(1)
}

// await waits until a job is in a state, while something works in the
// background.
func (b *bench) await(r transcriber.Recording, s transcriber.State) {
	b.Helper()
	for end := time.Now().Add(10 * time.Second); b.result(r).State != s; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("the job is %v, want %v", b.result(r).State, s)
		}
	}
}

// While a service works it is left alone, whoever asks.
func testSlow(b *bench) {
	hold := make(chan struct{})
	b.service.replies = []Reply{{Said: talk, Hold: hold}}
	r := b.recording(1)
	b.start(r)
	var wg sync.WaitGroup
	wg.Go(func() { b.work(r) })
	b.await(r, transcriber.Running)
	b.start(r)
	if s := b.result(r).State; s != transcriber.Running {
		b.Errorf("a second Start makes it %v", s)
	}
	close(hold)
	wg.Wait()
	b.work(r)
	b.answers(r)
	b.wantPaid(1)
}

// A service that does not end is Running, for whoever asks and however often.
func testNeverAnswers(b *bench) {
	hold := make(chan struct{})
	b.service.replies = []Reply{{Hold: hold}}
	r := b.recording(1)
	b.start(r)
	var wg sync.WaitGroup
	wg.Go(func() { b.work(r) })
	b.await(r, transcriber.Running)
	for range 20 {
		b.restart()
		b.start(r)
		if s := b.result(r).State; s != transcriber.Running {
			b.Fatalf("the job is %v", s)
		}
	}
	close(hold)
	wg.Wait()
	b.wantPaid(1)
}

// What is answered after the end is kept nowhere.
func testStopWhileItWorks(b *bench) {
	hold := make(chan struct{})
	b.service.replies = []Reply{{Said: talk, Hold: hold}}
	r := b.recording(1)
	b.start(r)
	var wg sync.WaitGroup
	wg.Go(func() { b.work(r) })
	b.await(r, transcriber.Running)
	wg.Go(func() { time.Sleep(10 * time.Millisecond); close(hold) }) // some wait for their end, some are told
	b.stop(r)
	wg.Wait()
	b.clear(r)
	b.workInVain(r)
}

// workInVain works on a job that was stopped and cleared: nothing may come of it.
func (b *bench) workInVain(r transcriber.Recording) {
	b.Helper()
	b.work(r)
	if keys := b.objects(r); len(keys) > 0 {
		b.Errorf("after the end appeared %q", keys)
	}
}

// clear removes the objects of a job, as the caller of Stop does.
func (b *bench) clear(r transcriber.Recording) {
	b.Helper()
	for _, key := range b.objects(r) {
		if err := b.blobs.Delete(b.Context(), key); err != nil {
			b.Fatal(err)
		}
	}
}

func testStopBeforeItWorks(b *bench) {
	r := b.recording(1)
	b.start(r)
	b.stop(r)
	b.clear(r)
	b.workInVain(r)
	b.stop(r)
}

func testStopAfterwards(b *bench) {
	r := b.recording(1)
	b.start(r)
	b.work(r)
	b.answers(r)
	b.stop(r)
	b.clear(r)
	b.stop(r)
	b.workInVain(r)
	b.wantPaid(1)
}

// outcome starts a job and says how it fails, at once or later.
func (b *bench) outcome(r transcriber.Recording) error {
	b.Helper()
	if err := b.engine.Start(b.Context(), r); err != nil {
		return err
	}
	b.work(r)
	_, err := b.engine.Result(b.Context(), r)
	return err
}

func testPasses(b *bench) {
	for i, kind := range []transcriber.Kind{transcriber.Busy, transcriber.Unavailable} {
		b.service.replies, b.service.paid = []Reply{{Fails: true, Kind: kind, After: 7 * time.Second}, {Said: talk}}, 0
		r := b.recording(int64(i + 1))
		r.Kept += kind.String() + "/"
		e := b.wantError(b.outcome(r), kind)
		if e.After != 0 && e.After != 7*time.Second {
			b.Errorf("%v: After is %v", kind, e.After)
		}
		b.restart()
		b.start(r)
		b.work(r)
		b.answers(r)
	}
}

func testFinal(b *bench) {
	for i, kind := range []transcriber.Kind{transcriber.Denied, transcriber.Failed, transcriber.Unsupported, transcriber.TooLarge} {
		b.service.replies, b.service.paid = []Reply{{Fails: true, Kind: kind}}, 0
		r := b.recording(int64(i + 1))
		b.wantError(b.outcome(r), kind)
		paid := b.service.Paid()
		b.restart()
		b.wantError(b.outcome(r), kind)
		if b.service.Paid() > paid && kind != transcriber.Denied {
			b.Errorf("%v: asked again", kind)
		}
	}
}

// An error of a store is no word of the engine, and nothing is lost by it.
func testStoreFails(b *bench) {
	r := b.recording(1)
	sound := b.blobs
	b.blobs = broken{sound}
	b.restart()
	if err := b.outcome(r); err != nil {
		if e, ok := transcriber.As(err); ok {
			b.Errorf("the engine is said to have failed: %v", e)
		}
	}
	b.blobs = sound
	b.restart()
	b.start(r)
	b.work(r)
	b.answers(r)
}

// broken is a store that takes and gives nothing.
type broken struct{ blob.Store }

var errBroken = errors.New("the store is broken")

func (broken) Put(context.Context, string, io.Reader, int64, blob.Put) (blob.Info, error) {
	return blob.Info{}, errBroken
}

func (broken) Get(context.Context, string) (io.ReadCloser, blob.Info, error) {
	return nil, blob.Info{}, errBroken
}
