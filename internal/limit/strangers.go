package limit

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// Strangers holds requests without a key that is known, by the address that
// they come from: answers to them are made at a pace, so that who sends nothing
// else does not keep the processors from the others. A burst is answered at once.
// The zero value is ready; it must not be copied.
type Strangers struct {
	mu   sync.Mutex
	from map[netip.Prefix]time.Time // when what was answered would be at the pace
}

const (
	// strangerEvery is the pace, and strangerBurst how many may be ahead of it.
	strangerEvery = 5 * time.Millisecond
	strangerBurst = 1000
	// mostStrangers is how many may wait at an address.
	mostStrangers = 100
	// mostAddresses bounds what is remembered; more have the pace of one.
	mostAddresses = 10_000
)

// Hold waits for a request's turn among the strangers of its address
// (host:port), until ctx ends. It reports false, at once, when too many wait
// already.
func (s *Strangers) Hold(ctx context.Context, address string) bool {
	wait, room := s.join(neighbourhood(address), time.Now())
	if !room {
		return false
	}
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return true
}

// join returns how long a request has to wait.
func (s *Strangers) join(from netip.Prefix, now time.Time) (wait time.Duration, room bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from == nil {
		s.from = map[netip.Prefix]time.Time{}
	}
	if _, known := s.from[from]; !known && len(s.from) >= mostAddresses {
		s.forget(now)
		if len(s.from) >= mostAddresses {
			from = netip.Prefix{}
		}
	}
	at := s.from[from]
	if at.Before(now) {
		at = now
	}
	wait = at.Sub(now) - strangerBurst*strangerEvery
	if wait > mostStrangers*strangerEvery {
		return 0, false
	}
	s.from[from] = at.Add(strangerEvery)
	return wait, true
}

// forget drops the addresses that are not ahead of the pace.
func (s *Strangers) forget(now time.Time) {
	for from, at := range s.from {
		if at.Before(now) {
			delete(s.from, from)
		}
	}
}

// neighbourhood is an address, of version 6 the 64 bits that one subscriber has.
// What is none is the neighbourhood of all such.
func neighbourhood(address string) netip.Prefix {
	from, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Prefix{}
	}
	ip, bits := from.Addr().Unmap().WithZone(""), 64
	if ip.Is4() {
		bits = 32
	}
	prefix, _ := ip.Prefix(bits) // the bits fit the version
	return prefix
}
