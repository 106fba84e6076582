// Package llmtest holds the conformance suite of the llm port: what a driver
// makes of services that are slow, throttled, broken or of another opinion.
package llmtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/llm"
)

// Reply is what a service answers.
type Reply struct {
	Status int // 0 for 200
	Header map[string]string
	Body   string
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
	resp := &http.Response{StatusCode: reply.Status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(reply.Body))}
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
	b.script.replies, b.asked = replies, nil
	ctx := b.Context()
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	begin := time.Now()
	a, err = b.New(&b.script).Ask(ctx, question)
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
		{"DownForGood", testDownForGood},
		{"NoConnection", testNoConnection},
		{"Slow", testSlow},
		{"Cancelled", testCancelled},
		{"Denied", testDenied},
		{"Refuses", testRefuses},
		{"CutOff", testCutOff},
		{"TooLong", testTooLong},
		{"Unreadable", testUnreadable},
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

func testDownForGood(b *bench) {
	for _, limit := range []time.Duration{0, 20 * time.Second, time.Hour} {
		_, took, err := b.ask(limit, Reply{Status: 503, Body: "<html>plum"})
		b.wantKind(err, llm.Unavailable)
		if len(b.asked) < 3 || len(b.asked) > 10 || limit > 0 && took > limit {
			b.Errorf("limit %v: asked %d times in %v", limit, len(b.asked), took)
		}
	}
}

func testNoConnection(b *bench) {
	b.script.err = errors.New("connection refused")
	_, _, err := b.ask(time.Minute)
	b.wantKind(err, llm.Unavailable)
	if len(b.asked) < 2 {
		b.Errorf("asked %d times", len(b.asked))
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
}

func testCancelled(b *bench) {
	ctx, cancel := context.WithCancel(b.Context())
	time.AfterFunc(time.Second, cancel)
	b.script.replies = []Reply{{Status: 429, Header: map[string]string{"Retry-After": "20"}}}
	begin := time.Now()
	_, err := b.New(&b.script).Ask(ctx, question)
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
	for _, body := range []string{"", "plum", "<html>plum</html>", "null", "[]", "{}", "7", "\xff"} {
		replies["body "+body] = Reply{Body: body}
	}
	for _, words := range []string{"", "I have no plum.", `["plum"]`, `{"fruit": "plum`, "{{{{", `{"fruit": {"of": {"a": "plum"}`} {
		replies["words "+words] = b.Writes(words)
	}
	for name, reply := range replies {
		_, _, err := b.ask(time.Minute, reply)
		b.wantKind(err, llm.Unreadable)
		if len(b.asked) != 1 {
			b.Errorf("%s: asked %d times", name, len(b.asked))
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
