package table

import (
	"math"
	"strconv"
	"strings"
	"time"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/turn"
)

// A moment is what a cell says of time: a clock, or a number whose unit the
// whole column tells.
type moment struct {
	clock.Stamp
	numeric bool
	number  float64
	framed  bool // the clock counts frames
	frames  int64
}

// maxTime is how long a cell with a time is at most, in bytes.
const maxTime = 64

// momentOf reads a cell; ok is false for all that is no time.
func momentOf(s string) (m moment, ok bool) {
	s = strings.TrimSpace(s)
	m.End = -1
	if s == "" || len(s) > maxTime {
		return m, false
	}
	if v, ok := numberOf(s); ok {
		m.numeric, m.number = true, v
		return m, true
	}
	if ms, frames, ok := timecode(s); ok {
		m.Start, m.framed, m.frames = ms, true, frames
		return m, true
	}
	if v, ok := spelled(s); ok {
		m.Start = v
		return m, true
	}
	s = withoutZone(s)
	st, n := clock.Front(s)
	m.Stamp = st
	return m, n > 0 && n == len(s)
}

// numberOf reads 12, 1.24 and, as tables with semicolons have them, 1,24.
func numberOf(s string) (v float64, ok bool) {
	if !clock.IsDigit(s[0]) && s[0] != '.' {
		return 0, false
	}
	if strings.Count(s, ",") == 1 && strings.IndexByte(s, '.') < 0 {
		s = strings.Replace(s, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && v < 1e15
}

// timecode reads 01:02:03:04 and 01:02:03;04, of which the last number counts
// frames, and 00;00;02;06; it returns the milliseconds of the first three.
func timecode(s string) (ms, frames int64, ok bool) {
	if len(s) < 8 || strings.ContainsAny(s, " -.,") {
		return 0, 0, false
	}
	s = strings.ReplaceAll(s, ";", ":")
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.Count(s, ":") != 3 {
		return 0, 0, false
	}
	ms, n := clock.Read(s[:i])
	frames, k := clock.Digits(s[i+1:])
	if n != i || k == 0 || k > 3 || k < len(s)-i-1 {
		return 0, 0, false
	}
	if k == 3 { // thousandths
		return ms + frames, 0, true
	}
	return ms, frames, true
}

// spelled reads 12.5s, 1240 ms, 1h 2m 3s and PT1M2.5S.
func spelled(s string) (ms int64, ok bool) {
	s = strings.ToLower(strings.ReplaceAll(s, " ", ""))
	s = strings.TrimPrefix(s, "pt")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "econds"), "ec")
	if s == "" || !clock.IsDigit(s[0]) {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	return d.Milliseconds(), err == nil
}

// withoutZone cuts the time zone off that follows a date and time.
func withoutZone(s string) string {
	for _, zone := range []string{"UTC", "GMT", "+0000"} {
		if t, ok := strings.CutSuffix(s, zone); ok {
			return strings.TrimSpace(t)
		}
	}
	if i := len(s) - len("+00:00"); i > len("12:30:11") && (s[i] == '+' || s[i] == '-') && s[i+3] == ':' {
		return strings.TrimSpace(s[:i])
	}
	return s
}

// A timing says what the times of a table mean.
type timing struct {
	unit  map[int]float64 // milliseconds of the numbers of a column
	rate  float64         // frames a second
	ofDay bool
	hours bool // clocks of two numbers have hours and minutes

	wall clock.Wall
}

// timingOf finds out what the times of the sample mean.
func timingOf(c columns) timing {
	t := timing{rate: c.frameRate(), unit: map[int]float64{}}
	for _, role := range []int{from, to, lasts} {
		t.unit[role] = c.unit(role)
	}
	var timed, days, long int
	first, last, latest := int64(-1), int64(-1), int64(0)
	for _, cells := range c.data {
		m, ok := momentOf(c.cell(cells, from))
		if !ok || m.numeric {
			continue
		}
		if timed++; m.OfDay {
			days++
		}
		if !m.Short {
			long++
		}
		last, latest = m.Start, max(latest, m.Start)
		if first < 0 {
			first = m.Start
		}
	}
	t.hours = days > 0
	t.ofDay = days*2 > timed || timed > 0 && long == timed && clock.OnTheWall(first, last, latest)
	return t
}

// frameRate goes by the highest number of a frame in a sample that is large
// enough to have it; else it is thirty.
func (c columns) frameRate() float64 {
	const enough = 40 // cells
	highest, n := int64(0), 0
	for _, cells := range c.data {
		for _, role := range []int{from, to} {
			if m, ok := momentOf(c.cell(cells, role)); ok && m.framed {
				highest = max(highest, m.frames)
				n++
			}
		}
	}
	switch {
	case highest >= 50:
		return 60
	case highest >= 30:
		return 50
	case n >= enough && highest == 24:
		return 25
	case n >= enough && highest < 24:
		return 24
	}
	return 30
}

// unit is how many milliseconds a number of the column means: as its header
// says, or what makes the words neither too fast nor too slow.
func (c columns) unit(role int) float64 {
	if c.at[role] < 0 {
		return 0
	}
	if u := c.titles[c.at[role]].unit; u > 0 {
		return u
	}
	if i := c.at[from]; i >= 0 && c.titles[i].unit > 0 {
		return c.titles[i].unit
	}
	const second, characters = 1000, 15 // characters that people say in a second
	best, least := float64(second), math.Inf(1)
	chars, lasting := c.pace()
	for _, unit := range []float64{second, 1, 1e-3, 1e-4} {
		off := math.Abs(math.Log(chars / (lasting * unit / second) / characters))
		if off < least {
			best, least = unit, off
		}
	}
	return best
}

// pace is how many characters are said in which time, in the unit of the file.
func (c columns) pace() (chars, lasting float64) {
	before, begun := 0.0, false
	said := 0.0
	for _, cells := range c.data {
		start, ok := momentOf(c.cell(cells, from))
		if !ok || !start.numeric {
			continue
		}
		n := float64(len([]rune(c.cell(cells, text))))
		end, ended := momentOf(c.cell(cells, to))
		length, lasts := momentOf(c.cell(cells, lasts))
		switch {
		case ended && end.numeric && end.number > start.number:
			chars, lasting = chars+n, lasting+end.number-start.number
		case lasts && length.numeric && length.number > 0:
			chars, lasting = chars+n, lasting+length.number
		case begun && start.number > before:
			chars, lasting = chars+said, lasting+start.number-before
		}
		before, begun, said = start.number, true, n
	}
	return chars, lasting
}

// ms is a moment of a column in milliseconds.
func (t *timing) ms(m moment, role int) int64 {
	switch {
	case m.numeric:
		return int64(math.Min(m.number*t.unit[role], float64(turn.MaxMS)+1))
	case m.framed:
		return m.Start + int64(float64(m.frames)*1000/t.rate)
	case t.hours && m.Short && !m.OfDay && role != lasts:
		return m.Start * 60
	}
	return m.Start
}

// times are the start and the end of a row.
func (r *reader) times(line int, cells []string) (start, end *int64) {
	cell := r.cell(cells, from)
	m, ok := momentOf(cell)
	if !ok {
		if !turn.IsBlank(cell) {
			r.out.Warn(transcript.TimesRepaired, line, "The time of a row cannot be read; it has none.")
		}
		return nil, nil
	}
	s := r.ms(m, from)
	e := m.End
	if until, ok := momentOf(r.cell(cells, to)); ok {
		e = r.ms(until, to)
	} else if length, ok := momentOf(r.cell(cells, lasts)); ok {
		e = s + r.ms(length, lasts)
	}
	if r.ofDay {
		s, e = r.wall.Offset(s, e, m.Dated)
	}
	if e > s {
		end = &e
	}
	return &s, end
}
