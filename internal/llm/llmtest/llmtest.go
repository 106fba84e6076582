// Package llmtest holds the conformance suite of the llm port: what a driver
// makes of services that are slow, throttled, broken or of another opinion.
package llmtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/llm"
)

// Reply is what a service answers.
type Reply struct {
	Status  int // 0 for 200
	Header  map[string]string
	Body    string
	Endless bool // the body again and again
	Broken  bool // the connection breaks after the body
}

// reader gives a reply's body, and counts what is read of it.
type reader struct {
	reply Reply
	rest  string
	read  *int
}

func (r *reader) Read(p []byte) (int, error) {
	if r.rest == "" && r.reply.Endless {
		r.rest = r.reply.Body
	}
	if r.rest == "" && r.reply.Broken {
		return 0, io.ErrUnexpectedEOF
	}
	if r.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	*r.read += n
	return n, nil
}

// Service is what a driver gives to the suite: itself, and how its service
// says things.
type Service struct {
	New     func(llm.Doer) llm.Model
	Answers func(object string, u llm.Usage) Reply // as it was asked to
	Writes  func(words string) Reply               // instead
	CutOff  func(u llm.Usage) Reply                // in the middle of an answer
	Refuses func(u llm.Usage) Reply                // the model or a guard
	TooLong func() Reply                           // the request was
}

var question = llm.Request{
	Name: "record", Instructions: "Say what they have.", Text: "Ana has a secret plum.",
	Schema:    json.RawMessage(`{"type":"object","properties":{"fruit":{"type":"string"}},"required":["fruit"],"additionalProperties":false}`),
	MaxTokens: 100,
}

var usage = llm.Usage{Input: 12, Output: 34}

const plum = `{"fruit":"secret plum"}`

// script answers requests in turn, the last reply again and again, and keeps
// what was asked.
type script struct {
	replies []Reply
	asked   []string
	read    int           // bytes of answers
	err     error         // in place of an answer
	hold    time.Duration // before an answer begins
}

func (s *script) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.asked = append(s.asked, string(body))
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(s.hold):
	}
	if s.err != nil {
		return nil, s.err
	}
	reply := s.replies[min(len(s.asked), len(s.replies))-1]
	resp := &http.Response{StatusCode: reply.Status, Header: http.Header{}, Body: io.NopCloser(&reader{reply, reply.Body, &s.read})}
	if reply.Status == 0 {
		resp.StatusCode = http.StatusOK
	}
	for name, value := range reply.Header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

// bench is one service in its bubble of time.
type bench struct {
	*testing.T
	Service
	script
}

// ask asks with a deadline, or without one, and says how long it took.
func (b *bench) ask(limit time.Duration, replies ...Reply) (a llm.Answer, took time.Duration, err error) {
	b.script.replies, b.asked, b.read = replies, nil, 0
	ctx := b.Context()
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	begin := time.Now()
	a, err = llm.Patient(b.New(&b.script)).Ask(ctx, question)
	return a, time.Since(begin), err
}

// wantKind also looks that no words of the request or the answer are told.
func (b *bench) wantKind(err error, kind llm.Kind) *llm.Error {
	b.Helper()
	e, ok := errors.AsType[*llm.Error](err)
	if !ok || e.Kind != kind {
		b.Fatalf("the error is %v, want one that is %v", err, kind)
	}
	if strings.Contains(err.Error(), "plum") {
		b.Errorf("the error quotes: %v", err)
	}
	return e
}

func (b *bench) wantPlum(a llm.Answer, err error) {
	b.Helper()
	var got, want any
	if err != nil {
		b.Fatal(err)
	}
	if json.Unmarshal(a.JSON, &got) != nil || json.Unmarshal([]byte(plum), &want) != nil || got == nil {
		b.Fatalf("the answer is %s", a.JSON)
	}
	if got.(map[string]any)["fruit"] != want.(map[string]any)["fruit"] {
		b.Errorf("the answer is %s, want %s", a.JSON, plum)
	}
}

// Run runs the suite, one subtest per promise of the port.
func Run(t *testing.T, s Service) {
	tests := []struct {
		name string
		run  func(*bench)
	}{
		{"Answer", testAnswer},
		{"SameBytes", testSameBytes},
		{"ThrottledOnce", testThrottledOnce},
		{"RetryAfter", testRetryAfter},
		{"RetryAfterTheDeadline", testRetryAfterTheDeadline},
		{"RetryAfterNonsense", testRetryAfterNonsense},
		{"DownForGood", testDownForGood},
		{"NoConnection", testNoConnection},
		{"BreaksOff", testBreaksOff},
		{"Slow", testSlow},
		{"Cancelled", testCancelled},
		{"Denied", testDenied},
		{"Redirects", testRedirects},
		{"Refuses", testRefuses},
		{"CutOff", testCutOff},
		{"TooLong", testTooLong},
		{"Unreadable", testUnreadable},
		{"Endless", testEndless},
		{"Usage", testUsage},
		{"JSONInProse", testJSONInProse},
		{"AnotherShape", testAnotherShape},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test.run(&bench{T: t, Service: s}) })
		})
	}
}

func testAnswer(b *bench) {
	a, _, err := b.ask(time.Minute, b.Answers(plum, usage))
	b.wantPlum(a, err)
	if a.Usage != usage {
		b.Errorf("usage is %v, want %v", a.Usage, usage)
	}
	for _, part := range []string{question.Instructions, question.Text, question.Name, "additionalProperties"} {
		if len(b.asked) != 1 || !strings.Contains(b.asked[0], part) {
			b.Fatalf("asked %d times, and not for %q: %q", len(b.asked), part, b.asked)
		}
	}
}

func testSameBytes(b *bench) {
	_, _, _ = b.ask(time.Minute, b.Answers(plum, usage))
	first := b.asked[0]
	time.Sleep(time.Hour)
	_, _, _ = b.ask(time.Minute, b.Answers(plum, usage))
	if b.asked[0] != first {
		b.Errorf("the same request is\n%s\nand\n%s", first, b.asked[0])
	}
}

func testThrottledOnce(b *bench) {
	for _, status := range []int{408, 424, 429, 500, 502, 503, 504, 529} {
		a, took, err := b.ask(time.Minute, Reply{Status: status, Body: "busy with a plum"}, b.Answers(plum, usage))
		b.wantPlum(a, err)
		if len(b.asked) != 2 || took <= 0 || took > 2*time.Second {
			b.Errorf("%d: asked %d times in %v", status, len(b.asked), took)
		}
	}
}

func testRetryAfter(b *bench) {
	// The first two take 14 s.
	for _, value := range []string{"7", "7.0", time.Now().UTC().Add(22 * time.Second).Format(http.TimeFormat)} {
		busy := Reply{Status: 429, Header: map[string]string{"Retry-After": value}}
		a, took, err := b.ask(time.Minute, busy, b.Answers(plum, usage))
		b.wantPlum(a, err)
		if took < 7*time.Second || took > 9*time.Second {
			b.Errorf("Retry-After %s: waited %v", value, took)
		}
	}
}

func testRetryAfterTheDeadline(b *bench) {
	_, took, err := b.ask(time.Minute, Reply{Status: 429, Header: map[string]string{"Retry-After": "120"}})
	if e := b.wantKind(err, llm.Unavailable); e.After != 2*time.Minute || took > time.Second || len(b.asked) != 1 {
		b.Errorf("asked %d times in %v; After is %v", len(b.asked), took, e.After)
	}
}

func testRetryAfterNonsense(b *bench) {
	year := 365 * 24 * time.Hour
	for value, most := range map[string]time.Duration{
		"31536000": 24 * time.Hour, time.Now().Add(year).UTC().Format(http.TimeFormat): 24 * time.Hour, "Inf": 24 * time.Hour,
		"-7": 0, "0": 0, "NaN": 0, "soon": 0, "": 0, time.Now().Add(-year).UTC().Format(http.TimeFormat): 0,
	} {
		_, took, err := b.ask(20*time.Second, Reply{Status: 503, Header: map[string]string{"Retry-After": value}})
		if e := b.wantKind(err, llm.Unavailable); e.After != most || took > 20*time.Second {
			b.Errorf("Retry-After %s: After is %v, it took %v", value, e.After, took)
		}
	}
}

func testDownForGood(b *bench) {
	for _, limit := range []time.Duration{0, 20 * time.Second, time.Hour} {
		_, took, err := b.ask(limit, Reply{Status: 503, Body: "<html>plum"})
		b.wantKind(err, llm.Unavailable)
		if len(b.asked) < 3 || len(b.asked) > 10 || limit > 0 && took > limit {
			b.Errorf("limit %v: asked %d times in %v", limit, len(b.asked), took)
		}
	}
}

// Nothing was sent, so that nothing was paid for.
func testNoConnection(b *bench) {
	b.script.err = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	_, _, err := b.ask(time.Minute)
	if e := b.wantKind(err, llm.Unavailable); e.Lost || len(b.asked) < 2 {
		b.Errorf("asked %d times; lost is %v", len(b.asked), e.Lost)
	}
}

// What breaks off after it was sent may have been paid for.
func testBreaksOff(b *bench) {
	whole := b.Answers(plum, usage).Body
	cut := Reply{Body: whole[:len(whole)/2], Broken: true}
	a, _, err := b.ask(time.Minute, cut, b.Answers(plum, usage))
	b.wantPlum(a, err)
	for status, lost := range map[int]bool{0: true, 408: true, 424: false, 429: false, 500: false, 502: true, 503: false, 504: true, 529: false} {
		reply := cut
		if reply.Status = status; status > 0 {
			reply = Reply{Status: status}
		}
		_, _, err := b.ask(time.Second, reply)
		if e := b.wantKind(err, llm.Unavailable); e.Lost != lost || len(b.asked) != 1 {
			b.Errorf("%d: lost is %v after %d requests", status, e.Lost, len(b.asked))
		}
	}
	b.script.err = errors.New("connection reset")
	_, _, err = b.ask(time.Second)
	if e := b.wantKind(err, llm.Unavailable); !e.Lost {
		b.Error("a request that was sent is not lost")
	}
}

// A model thinks for minutes before it says a word; time ends where the
// caller's does.
func testSlow(b *bench) {
	b.hold = 4 * time.Minute
	a, _, err := b.ask(5*time.Minute, b.Answers(plum, usage))
	b.wantPlum(a, err)
	_, took, err := b.ask(time.Minute, b.Answers(plum, usage))
	b.wantKind(err, llm.Unavailable)
	if took != time.Minute || !errors.Is(err, context.DeadlineExceeded) {
		b.Errorf("%v after %v", err, took)
	}
	if e := b.wantKind(err, llm.Unavailable); !e.Lost {
		b.Error("an answer that came too late is not lost")
	}
}

func testCancelled(b *bench) {
	ctx, cancel := context.WithCancel(b.Context())
	time.AfterFunc(time.Second, cancel)
	b.script.replies = []Reply{{Status: 429, Header: map[string]string{"Retry-After": "20"}}}
	begin := time.Now()
	_, err := llm.Patient(b.New(&b.script)).Ask(ctx, question)
	b.wantKind(err, llm.Unavailable)
	if took := time.Since(begin); took != time.Second {
		b.Errorf("ended after %v", took)
	}
}

func testDenied(b *bench) {
	for _, status := range []int{401, 403, 404} {
		_, took, err := b.ask(time.Minute, Reply{Status: status, Body: `{"message":"no plum for you","error":{"message":"no plum for you"}}`})
		b.wantKind(err, llm.Denied)
		if len(b.asked) != 1 || took != 0 {
			b.Errorf("%d: asked %d times in %v", status, len(b.asked), took)
		}
	}
	_, _, err := b.ask(time.Minute, Reply{Status: 400, Body: `{"message":"no plum","error":{"message":"no plum"}}`})
	b.wantKind(err, llm.Denied) // after every way to ask
}

// Whoever is sent elsewhere does not go there: the key and the words are for
// the service that was named.
func testRedirects(b *bench) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		_, _, err := b.ask(time.Minute, Reply{Status: status, Header: map[string]string{"Location": "https://elsewhere.example/plum"}})
		b.wantKind(err, llm.Denied)
	}
}

func testRefuses(b *bench) {
	_, _, err := b.ask(time.Minute, b.Refuses(usage))
	if e := b.wantKind(err, llm.Refused); e.Usage != usage || len(b.asked) != 1 {
		b.Errorf("asked %d times, usage %v", len(b.asked), e.Usage)
	}
}

func testCutOff(b *bench) {
	_, _, err := b.ask(time.Minute, b.CutOff(usage))
	if e := b.wantKind(err, llm.CutOff); e.Usage != usage || len(b.asked) != 1 {
		b.Errorf("asked %d times, usage %v", len(b.asked), e.Usage)
	}
}

func testTooLong(b *bench) {
	_, _, err := b.ask(time.Minute, b.TooLong())
	b.wantKind(err, llm.TooLong)
	if len(b.asked) != 1 {
		b.Errorf("asked %d times", len(b.asked))
	}
}

func testUnreadable(b *bench) {
	whole := b.Answers(plum, usage).Body
	replies := map[string]Reply{
		"half":     {Body: whole[:len(whole)/2]},
		"too much": {Body: whole + strings.Repeat(" ", llm.MaxAnswer)},
	}
	for _, body := range []string{
		"", "plum", "<html>plum</html>", "null", "[]", "{}", "7", "\xff", "\x1f\x8b\x08plum", "data: " + whole + "\n\ndata: [DONE]\n\n",
		strings.Repeat(`{"a":`, 11_000) + strings.Repeat("}", 11_000),
	} {
		replies[fmt.Sprintf("body %.30s", body)] = Reply{Body: body}
	}
	for _, words := range []string{"", "I have no plum.", `["plum"]`, `{"fruit": "plum`, "{{{{", `{"fruit": {"of": {"a": "plum"}`, strings.Repeat(`{"fruit":`, 11_000) + "1" + strings.Repeat("}", 11_000)} {
		replies[fmt.Sprintf("words %.30s", words)] = b.Writes(words)
	}
	for name, reply := range replies {
		_, _, err := b.ask(time.Minute, reply)
		b.wantKind(err, llm.Unreadable)
		if len(b.asked) != 1 {
			b.Errorf("%s: asked %d times", name, len(b.asked))
		}
	}
}

// Of an answer without an end no more is read than can be one.
func testEndless(b *bench) {
	for name, body := range map[string]string{"JSON": `{"choices":[`, "space": " ", "zeros": "\x00"} {
		for _, status := range []int{0, 400, 503} {
			_, _, err := b.ask(time.Second, Reply{Status: status, Body: strings.Repeat(body, 1000), Endless: true})
			if err == nil || b.read > len(b.asked)*(llm.MaxAnswer+1<<16) {
				b.Errorf("%s with status %d: read %d bytes; %v", name, status, b.read, err)
			}
		}
	}
}

// What a service says it has used is counted as far as it can be so.
func testUsage(b *bench) {
	for _, said := range []llm.Usage{{}, {Input: -1 << 62, Output: -7}, {Input: 1 << 62, Output: 1 << 62}} {
		a, _, err := b.ask(time.Minute, b.Answers(plum, said))
		b.wantPlum(a, err)
		if a.Usage.Input < 0 || a.Usage.Output < 0 || a.Usage.Total() > 1<<30 || said.Total() == 0 && a.Usage.Total() > 10 {
			b.Errorf("%v is counted as %v", said, a.Usage)
		}
	}
	whole := b.Answers(plum, llm.Usage{Input: 4242, Output: 4343}).Body
	for _, value := range []string{`"many"`, "1e300", "null", "[]", "1.5"} {
		reply := Reply{Body: strings.NewReplacer("4242", value, "4240", value, "4343", value).Replace(whole)}
		a, _, err := b.ask(time.Minute, reply)
		b.wantPlum(a, err)
		if a.Usage.Total() > 10 {
			b.Errorf("usage of %s is counted as %v", value, a.Usage)
		}
	}
}

func testJSONInProse(b *bench) {
	for _, words := range []string{
		plum, "Here you are:\n```json\n" + plum + "\n```\nEnjoy!", "<think>{\"fruit\": \"pear\"}, no.</think>\n" + plum,
		"Of {all} fruit: " + plum, "{} or rather " + plum,
	} {
		a, _, err := b.ask(time.Minute, b.Writes(words))
		b.wantPlum(a, err)
	}
}

// Whether an answer makes sense is for the caller.
func testAnotherShape(b *bench) {
	a, _, err := b.ask(time.Minute, b.Answers(`{"fruit":["plum",7,null]}`, usage))
	if err != nil || !strings.Contains(string(a.JSON), "null") {
		b.Errorf("%s, %v", a.JSON, err)
	}
}
