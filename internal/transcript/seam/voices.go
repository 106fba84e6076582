package seam

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"griot/internal/transcript"
)

// heard is for how long two labels have to be heard at once to be one voice.
const heard = 1000 // ms

// Voices calls who speaks in a part as before it: engines count speakers anew
// in each part, and in what overlaps each of them is heard in both. Two labels
// are one voice where most of what either says there is said by the other. The
// last two that are left are one, too, if as many are expected as are known;
// expected is 0 where nobody knows. Any other gets a label that nobody has.
// Strangers are those that may be somebody known who is silent in what overlaps.
// Neither slice is changed.
func Voices(before, part []transcript.Turn, expected int) (named []transcript.Turn, strangers int) {
	same := matched(before, part)
	known := speakers(before)
	taken, found := map[string]string{}, map[string]bool{}
	for _, name := range known {
		taken[name] = following(name)
	}
	for _, name := range same {
		found[name] = true
	}
	left := slices.DeleteFunc(known, func(name string) bool { return found[name] })
	unknown := slices.DeleteFunc(speakers(part), func(name string) bool { return same[name] != "" })
	if len(left) == 1 && len(unknown) == 1 && len(taken) == expected {
		same[unknown[0]] = left[0]
		unknown = nil
	}
	for _, name := range unknown {
		same[name] = free(name, taken)
		taken[same[name]] = following(same[name])
	}
	named = slices.Clone(part)
	for i, t := range named {
		named[i].Speaker = same[t.Speaker] // "" is nobody here and there
	}
	if len(left) > 0 {
		strangers = len(unknown)
	}
	return named, strangers
}

// speakers are the labels of turns, in order.
func speakers(turns []transcript.Turn) (all []string) {
	seen := map[string]bool{"": true}
	for _, t := range turns {
		if !seen[t.Speaker] {
			seen[t.Speaker] = true
			all = append(all, t.Speaker)
		}
	}
	return all
}

// matched gives labels of a part their names before it, where what overlaps
// tells.
func matched(before, part []transcript.Turn) map[string]string {
	same := map[string]string{}
	if !timed(before) || !timed(part) {
		return same
	}
	type pair struct{ known, own string }
	both := map[pair]int64{} // for how many milliseconds they are heard at once
	known, own := map[string]int64{}, map[string]int64{}
	for _, a := range before[max(0, len(before)-most):] {
		for _, b := range part[:min(len(part), most)] {
			ms := min(end(a), end(b)) - max(*a.StartMS, *b.StartMS)
			if ms > 0 && a.Speaker != "" && b.Speaker != "" {
				both[pair{a.Speaker, b.Speaker}] += ms
				known[a.Speaker] += ms
				own[b.Speaker] += ms
			}
		}
	}
	for p, ms := range both {
		if ms >= heard && 2*ms > known[p.known] && 2*ms > own[p.own] {
			same[p.own] = p.known
		}
	}
	return same
}

// free is the first label from name on that nobody has. taken has for each that
// somebody has one behind it, and all between the two are taken, too: so that many
// labels are not looked at again and again.
func free(name string, taken map[string]string) string {
	var passed []string
	for behind, ok := taken[name]; ok; behind, ok = taken[name] {
		passed = append(passed, name)
		name = behind
	}
	for _, p := range passed {
		taken[p] = name
	}
	return name
}

// following is the label that follows one: of the next letter or number.
func following(name string) string {
	last := len(name) - 1
	if name[last] >= 'A' && name[last] < 'Z' && (last == 0 || name[last-1] == ' ') {
		return name[:last] + string(name[last]+1)
	}
	stem := strings.TrimRight(name, "0123456789")
	if n, err := strconv.Atoi(name[len(stem):]); err == nil && n < math.MaxInt {
		return stem + strconv.Itoa(n+1)
	}
	return name + " 2"
}
