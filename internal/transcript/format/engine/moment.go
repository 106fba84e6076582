package engine

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/jsonwalk"
)

// A moment is a time as written in the file.
type moment struct {
	at   float64
	kind momentKind
}

type momentKind uint8

const (
	none   momentKind = iota
	bare              // a number; the file as a whole shows of what
	offset            // milliseconds from the start of the recording
	dated             // milliseconds since 1970
)

func (m moment) known() bool { return m.kind != none }

// plus adds a length of the same kind.
func (m moment) plus(length moment) moment {
	switch {
	case m.kind == none || length.kind == none:
		return moment{}
	case m.kind == bare != (length.kind == bare):
		return moment{}
	}
	return moment{m.at + length.at, m.kind}
}

// momentOf reads a number, a clock time, an ISO duration or a date. An empty value
// is the absence of a time and no error.
func momentOf(t json.Token, unit float64) (m moment, ok bool) {
	s, ok := jsonwalk.Literal(t)
	if !ok {
		return moment{}, t == nil || t == false
	}
	if s = strings.TrimSpace(s); s == "" {
		return moment{}, true
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		if unit == 0 {
			return moment{v, bare}, true
		}
		return moment{v * unit, offset}, true
	}
	if ms, n := clock.Read(s); n == len(s) {
		return moment{float64(ms), offset}, true
	}
	if d, ok := duration(s); ok {
		return moment{float64(d) / 1e6, offset}, true
	}
	for _, layout := range dateLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return moment{float64(at.UnixMilli()), dated}, true
		}
	}
	if st, n := clock.Front(s); n == len(s) {
		if st.OfDay {
			return moment{float64(st.Start), dated}, true
		}
		return moment{float64(st.Start), offset}, true
	}
	return moment{}, false
}

var dateLayouts = [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04:05-0700"}

// duration reads 1.2s, 300ms and PT1M2.5S.
func duration(s string) (time.Duration, bool) {
	if iso, ok := strings.CutPrefix(s, "P"); ok {
		days, clock, _ := strings.Cut(iso, "T")
		d, err := time.ParseDuration(strings.ToLower("0s" + clock))
		if n, ok := strings.CutSuffix(days, "D"); ok && err == nil {
			v, e := strconv.ParseUint(n, 10, 16)
			return d + time.Duration(v)*24*time.Hour, e == nil
		}
		return d, err == nil && days == ""
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

// settleTimes converts all times of the list to milliseconds from the start. unit
// is that of bare numbers in milliseconds, 0 to have it judged; it is returned.
func (c *contents) settleTimes(l *list, unit float64) float64 {
	u, epoch := l.epoch()
	switch {
	case epoch:
		unit = u
	case unit == 0:
		unit = l.unit()
	}
	base, datedStarts, starts, ends := math.Inf(1), 0, 0, 0
	for i := range l.pieces {
		p := &l.pieces[i]
		for _, m := range [...]struct {
			at   *float64
			kind *momentKind
		}{{&p.from, &p.fromKind}, {&p.to, &p.toKind}} {
			if *m.kind == bare {
				*m.at *= unit
				*m.kind = offset
				if epoch {
					*m.kind = dated
				}
			}
		}
		if p.fromKind != none {
			starts++
		}
		if p.toKind != none {
			ends++
		}
		if p.fromKind == dated {
			base = min(base, p.from)
			datedStarts++
		}
	}
	kind := offset
	if datedStarts*2 > starts {
		kind = dated
		c.dated = true
	}
	reversed := 0
	for i := range l.pieces {
		p := &l.pieces[i]
		if p.fromKind != kind {
			p.fromKind = none
		}
		if p.toKind != kind {
			p.toKind = none
		}
		if kind == dated {
			p.from -= base
			p.to -= base
		}
		if p.fromKind != none && p.toKind != none && p.to < p.from {
			p.toKind = none
			reversed++
		}
	}
	c.reversed += reversed
	if starts == 0 && ends > 0 {
		c.fillStarts(l)
	}
	return unit
}

// fillStarts begins each turn at the end of the one before, for engines that state
// only when a result ends.
func (c *contents) fillStarts(l *list) {
	at := map[int32]float64{}
	for i := range l.pieces {
		p := &l.pieces[i]
		channel := c.voices.known[p.voice].channelID
		if p.toKind == none {
			continue
		}
		if p.to > at[channel] {
			p.from, p.fromKind = at[channel], offset
			c.startsFilled = true
		}
		at[channel] = p.to
	}
}

// epoch reports whether the bare numbers of a list count from 1970, as they do when
// all fall within the century since 1998, and their unit.
func (l *list) epoch() (unit float64, ok bool) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, p := range l.pieces {
		if p.fromKind == bare {
			least, most = min(least, p.from), max(most, p.from)
		}
	}
	const from, to = 9e8, 4.2e9 // seconds
	for _, u := range []float64{seconds, 1, 1e-3, 1e-6} {
		if least*u/seconds >= from && most*u/seconds <= to {
			return u, true
		}
	}
	return 0, false
}

// unit judges the unit of the bare numbers of a list: the smallest in which its
// words are not spoken faster than anybody can. The median rate decides, since
// single stretches may have any.
func (l *list) unit() float64 {
	var ends, gaps speeds
	whole, last, longest := true, piece{}, 0.0
	for _, p := range l.pieces {
		if p.fromKind != bare {
			continue
		}
		longest = max(longest, p.from)
		whole = whole && p.from == math.Trunc(p.from)
		if p.toKind == bare {
			ends.add(p.text, p.to-p.from)
		}
		if last.fromKind == bare {
			gaps.add(last.text, p.from-last.from)
		}
		last = p
	}
	rate, ok := ends.median()
	if !ok {
		rate, ok = gaps.median()
		ok = ok && whole // between two starts there may be a long silence
	}
	for _, u := range units {
		if ok && rate/u <= fastest && (u != sample || l.samples) {
			return u
		}
	}
	if !ok && whole && longest > 100*3600 {
		return 1
	}
	return seconds
}

// units are those that a bare number may have, in milliseconds: nanoseconds, ticks,
// samples at 16 kHz (Otter's offsets only), milliseconds, seconds.
var units = [...]float64{1e-6, ticks, sample, 1, seconds}

const sample = 1.0 / 16

// fastest is a rate beyond human speech, in bytes of text a millisecond. Most
// languages have 8 to 30 a second; pauses only make it slower.
const fastest = 0.13

// speeds counts bytes of text per unit of time, by powers of two.
type speeds struct {
	n     int
	count [2 * speedRange]int
}

const speedRange = 48

func (s *speeds) add(text string, length float64) {
	if text == "" || !(length > 0) {
		return
	}
	_, exp := math.Frexp(float64(len(text)) / length)
	s.count[min(max(exp+speedRange, 0), len(s.count)-1)]++
	s.n++
}

func (s *speeds) median() (rate float64, ok bool) {
	n := 0
	for exp, count := range s.count {
		if n += count; n*2 > s.n {
			return math.Ldexp(0.7, exp-speedRange), true
		}
	}
	return 0, false
}
