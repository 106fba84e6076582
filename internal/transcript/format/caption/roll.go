package caption

import "strings"

// touchMS is how far apart two cues may be that touch in time.
const touchMS = 150

const minRoll = 3 // words of a cue that can tell whether captions roll

// rolls is true where most cues of three words or more begin with words of the
// cue before and touch it in time (contract F2): the display keeps a line while
// the next one comes, or a line grows.
func rolls(cues []cue) bool {
	rolling, all := 0, 0
	var before, words []string
	for i := range cues {
		before, words = words, append(before[:0], strings.Fields(cues[i].voices[0].text)...)
		if len(words) < minRoll {
			continue
		}
		all++
		if i > 0 && touches(cues[i-1], cues[i]) {
			if n := overlap(before, words); n >= minRoll || n > 0 && n == len(before) && n < len(words) {
				rolling++
			}
		}
	}
	return all >= minRoll && rolling*2 > all
}

func touches(a, b cue) bool { return b.start >= a.start && b.start-a.end <= touchMS }

// overlap is how many words a ends with and b begins with, at most. It is the
// prefix function of Knuth, Morris and Pratt for b, run over a.
func overlap(a, b []string) int {
	if len(a) > len(b) {
		a = a[len(a)-len(b):]
	}
	fall := make([]int, len(b)) // the longest border of b[:i+1]
	for i, k := 1, 0; i < len(b); i++ {
		for k > 0 && b[i] != b[k] {
			k = fall[k-1]
		}
		if b[i] == b[k] {
			k++
		}
		fall[i] = k
	}
	k := 0
	for _, w := range a {
		for k > 0 && (k == len(b) || w != b[k]) {
			k = fall[k-1]
		}
		if k < len(b) && w == b[k] {
			k++
		}
	}
	return k
}

// unroll keeps of each cue what the one before did not show. A line that grows
// stays one cue, at its first time.
func unroll(cues []cue) []cue {
	var kept []cue
	var before []string
	for i, c := range cues {
		text := c.voices[0].text
		words := strings.Fields(text)
		n := 0
		if i > 0 && touches(cues[i-1], c) {
			n = overlap(before, words)
		}
		grown := n > 0 && n == len(before) && len(kept) > 0 && lines(text) == 1 && lines(cues[i-1].voices[0].text) == 1
		before = words
		switch {
		case n == len(words):
		case grown && strings.HasSuffix(strings.Join(words[:n], " "), kept[len(kept)-1].voices[0].text):
			last := &kept[len(kept)-1]
			last.end = c.end
			last.voices[0].text += " " + strings.Join(words[n:], " ")
			continue
		default:
			c.voices = []voice{{text: strings.Join(words[n:], " ")}}
			kept = append(kept, c)
			continue
		}
		if len(kept) > 0 && n > 0 {
			kept[len(kept)-1].end = max(kept[len(kept)-1].end, c.end)
		}
	}
	return kept
}

// lines counts the lines of s that have something on them.
func lines(s string) int {
	n := 0
	for l := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(l) != "" {
			n++
		}
	}
	return n
}
