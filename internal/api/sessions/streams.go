package sessions

import (
	"griot/internal/record"
	"time"
)

// Streams says how live transcripts are followed. Zero values are the ones
// of the contract and no end.
type Streams struct {
	Poll      time.Duration // between looks at the session; 0: 250 ms
	SlowPoll  time.Duration // the same after a silence of SlowAfter; 0: 1 s
	SlowAfter time.Duration // 0: 30 s
	Heartbeat time.Duration // 0: 10 s
	Reverify  time.Duration // how often the key is looked up again; 0: 60 s
	Write     time.Duration // how long a reader may take for one event; 0: 15 s
	Most      time.Duration // a stream ends by itself after it; 0: never
	// Watch says when a session was written, on a host whose writers are in
	// the same process; nil: streams only poll.
	Watch func(ref record.Ref) (changed <-chan struct{}, leave func())
	// Drain, when closed, ends all streams, so that their readers resume
	// elsewhere.
	Drain <-chan struct{}
}

func (s Streams) withDefaults() Streams {
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&s.Poll, 250 * time.Millisecond}, {&s.SlowPoll, time.Second}, {&s.SlowAfter, 30 * time.Second},
		{&s.Heartbeat, 10 * time.Second}, {&s.Reverify, 60 * time.Second}, {&s.Write, 15 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.fallback
		}
	}
	return s
}
