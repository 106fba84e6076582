package token

import (
	"strings"
	"sync"
)

// particles are what makes a verb another one: written apart from it, with a
// hyphen, or together (log out, log-out, logout). Some are nearly always
// something else, but with the verbs that are named here by their stems.
var particles = sync.OnceValue(func() map[string]map[string]bool {
	in := set(`log sign check plug add built break drop opt sit stand clock dial cut clip phase trade`)
	over := set(`take hand turn roll carri make push spill`)
	back := set(`roll call pay play draw feed cut set fall throw give take buy pull`)
	away := set(`give get throw take hide stow fold`)
	return map[string]map[string]bool{"up": nil, "out": nil, "off": nil, "down": nil, "in": in, "on": in, "over": over, "back": back, "away": away}
})

const (
	maxVerb     = 5 // letters of the stem of a verb that has a particle
	maxParticle = 4
)

// particle yields a verb with its particle, if the next word is one.
func (w *walker) particle(verb string, start, end int) bool {
	if len(verb) > maxVerb || len(verb) < 2 || !lower(verb) || !strings.HasPrefix(w.text[end:], " ") {
		return true
	}
	second := end + 1
	last := second
	for last < len(w.text) && last-second <= maxParticle && classOf(rune(w.text[last])) == letter {
		last++
	}
	word := w.text[second:last]
	if last < len(w.text) && w.text[last] == '-' || len(word) < 2 || len(word) > maxParticle {
		return true
	}
	word = strings.ToLower(word)
	if verbs, is := particles()[word]; is && (verbs == nil || verbs[verb]) {
		return w.extra(stem(verb+word), 2, start, last)
	}
	return true
}
