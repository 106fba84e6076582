package sqs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/queue"
	"griot/internal/queue/sqs"
)

// stub answers requests in turn and keeps them.
type stub struct {
	t        *testing.T
	answers  []string // JSON; an error when it has a __type
	requests []request
}

type request struct {
	Entries         []struct{ ID, MessageBody string }
	WaitTimeSeconds int
}

func (s *stub) Do(req *http.Request) (*http.Response, error) {
	var r request
	if err := json.NewDecoder(req.Body).Decode(&r); err != nil {
		s.t.Error(err)
	}
	s.requests = append(s.requests, r)
	if len(s.requests) > len(s.answers) {
		return nil, errors.New("a request too many")
	}
	body, status := s.answers[len(s.requests)-1], http.StatusOK
	if strings.Contains(body, "__type") {
		status = http.StatusBadRequest
	}
	time.Sleep(time.Duration(r.WaitTimeSeconds) * time.Second) // in a bubble it takes no time
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func (s *stub) open() *sqs.Queue {
	config := configuration(s.t)
	config.HTTPClient = s
	return sqs.New(config, "https://sqs.us-east-1.amazonaws.com/1/q", "")
}

// refusing is an answer that refuses messages by number.
func refusing(senderFault bool, ids ...string) string {
	var failed []string
	for _, id := range ids {
		failed = append(failed, fmt.Sprintf(`{"Id":%q,"Code":"c","SenderFault":%v}`, id, senderFault))
	}
	return `{"Failed":[` + strings.Join(failed, ",") + `]}`
}

func TestSendAgainWhatWasNotTaken(t *testing.T) {
	tests := map[string]struct {
		answers []string
		sent    [][]string
		ok      bool
	}{
		"all taken":  {[]string{`{}`}, [][]string{{"a", "b", "c"}}, true},
		"some later": {[]string{refusing(false, "0", "2"), refusing(false, "2"), `{}`}, [][]string{{"a", "b", "c"}, {"a", "c"}, {"c"}}, true},
		"our fault":  {[]string{refusing(true, "1")}, [][]string{{"a", "b", "c"}}, false},
		"never": {slices.Repeat([]string{refusing(false, "1")}, 4),
			[][]string{{"a", "b", "c"}, {"b"}, {"b"}, {"b"}}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stub{t: t, answers: test.answers}
				err := s.open().Send(t.Context(), queue.Outgoing{Body: []byte("a")}, queue.Outgoing{Body: []byte("b")}, queue.Outgoing{Body: []byte("c")})
				if (err == nil) != test.ok {
					t.Errorf("Send: %v", err)
				}
				var sent [][]string
				for _, r := range s.requests {
					var bodies []string
					for _, e := range r.Entries {
						bodies = append(bodies, e.MessageBody)
					}
					sent = append(sent, bodies)
				}
				if fmt.Sprint(sent) != fmt.Sprint(test.sent) {
					t.Errorf("sent %v, want %v", sent, test.sent)
				}
			})
		})
	}
}

func TestReceiveWaitsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{t: t, answers: []string{`{}`, `{}`, `{}`}}
		messages, err := s.open().Receive(t.Context(), 1, 45*time.Second)
		if len(messages) != 0 || err != nil {
			t.Fatal(messages, err)
		}
		var waits []int
		for _, r := range s.requests {
			waits = append(waits, r.WaitTimeSeconds)
		}
		if !slices.Equal(waits, []int{20, 20, 5}) {
			t.Errorf("waited %v", waits)
		}
	})
}

// What AWS says of receipts that are outdated is no error of the port.
func TestOutdatedReceipts(t *testing.T) {
	const prefix = `{"__type":"com.amazonaws.sqs#`
	tests := map[string]bool{
		prefix + `ReceiptHandleIsInvalid","message":"m"}`: true,
		prefix + `MessageNotInflight","message":"m"}`:     true,
		prefix + `InvalidParameterValue","message":"Value x for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change."}`: true,
		prefix + `InvalidParameterValue","message":"Total VisibilityTimeout for the message is beyond the limit"}`:                                                                       false,
		prefix + `QueueDoesNotExist","message":"m"}`: false,
	}
	for answer, ok := range tests {
		s := &stub{t: t, answers: []string{answer, answer}}
		q := s.open()
		errRetry := q.Retry(t.Context(), queue.Message{Receipt: "r"}, 0)
		errAck := q.Ack(t.Context(), queue.Message{Receipt: "r"})
		if (errRetry == nil) != ok || (errAck == nil) != ok {
			t.Errorf("%s: Retry %v, Ack %v", answer, errRetry, errAck)
		}
	}
}

func TestWithoutDeadLetters(t *testing.T) {
	s := &stub{t: t, answers: []string{`{"Attributes":{"ApproximateNumberOfMessages":"1","ApproximateNumberOfMessagesNotVisible":"0","ApproximateNumberOfMessagesDelayed":"0"}}`}}
	if _, err := s.open().Depth(t.Context()); err == nil {
		t.Error("Depth knows the dead letters")
	}
	if _, err := s.open().Redrive(context.Background()); err == nil {
		t.Error("Redrive knows the dead letters")
	}
}
