package queue_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"griot/internal/queue"
)

func TestCheckSend(t *testing.T) {
	tests := map[string]struct {
		message queue.Outgoing
		ok      bool
	}{
		"JSON":               {queue.Outgoing{Body: []byte(`{"a":"\u0000"}`), Group: "ws_1", Delay: queue.MaxDelay}, true},
		"all of XML's edges": {queue.Outgoing{Body: []byte("\t\n\r \ud7ff\ue000\ufffd\U00010000\U0010ffff")}, true},
		"control character":  {queue.Outgoing{Body: []byte("a\x0b")}, false},
		"U+FFFE":             {queue.Outgoing{Body: []byte("\ufffe")}, false},
		"encoded surrogate":  {queue.Outgoing{Body: []byte("\xed\xa0\x80")}, false},
		"group not ASCII":    {queue.Outgoing{Body: []byte("a"), Group: "ü"}, false},
		"group of NUL":       {queue.Outgoing{Body: []byte("a"), Group: "\x00"}, false},
		"longest group":      {queue.Outgoing{Body: []byte("a"), Group: strings.Repeat("!", queue.MaxGroup)}, true},
	}
	for name, test := range tests {
		err := queue.CheckSend([]queue.Outgoing{test.message})
		if (err == nil) != test.ok || (err != nil && !errors.Is(err, queue.ErrLimit)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckRetry(t *testing.T) {
	for after, ok := range map[time.Duration]bool{-1: false, 0: true, queue.MaxRetry: true, queue.MaxRetry + 1: false} {
		if err := queue.CheckRetry(after); (err == nil) != ok {
			t.Errorf("%v: %v", after, err)
		}
	}
}
