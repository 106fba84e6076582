package token

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Emoji are the sequences of UTS #51: a pictograph with its selector, skin tone
// and tags; several joined by zero width joiners; flags of two regional letters;
// keycaps. Their terms are without selectors and skin tones, so that the hand
// is found in all its colours.

// pictograph reports whether a character is an emoji, or a symbol of those
// blocks, by itself.
func pictograph(r rune) bool {
	switch {
	case r < 0x2300:
		return false
	case 0x1f000 <= r && r < 0x1fb00:
		return !tone(r)
	case 0x2600 <= r && r < 0x27c0, 0x2300 <= r && r < 0x2400, 0x2b00 <= r && r < 0x2c00:
		return unicode.Is(unicode.So, r)
	}
	return false
}

func tone(r rune) bool { return 0x1f3fb <= r && r <= 0x1f3ff }

func variation(r rune) bool { return 0xfe00 <= r && r <= 0xfe0f }

func regional(r rune) bool { return 0x1f1e6 <= r && r <= 0x1f1ff }

func tag(r rune) bool { return 0xe0020 <= r && r <= 0xe007f }

// emojiAt reports whether a character is the beginning of an emoji; what is one
// only if it is asked for has a selector behind it.
func emojiAt(r rune, behind string) bool {
	return pictograph(r) || unicode.IsSymbol(r) && strings.HasPrefix(behind, "\ufe0f") ||
		(r == '‼' || r == '⁉') && strings.HasPrefix(behind, "\ufe0f")
}

// keycap returns the bytes of what makes a keycap of the character before.
func keycap(behind string) int {
	rest := strings.TrimPrefix(behind, "\ufe0f")
	if !strings.HasPrefix(rest, "\u20e3") {
		return 0
	}
	return len(behind) - len(rest) + len("\u20e3")
}

// maxEmoji is the most bytes of one; longer sequences are cut.
const maxEmoji = 4 * maxWord

// emojiEnd returns where an emoji that begins at i ends.
func emojiEnd(text string, i int) int {
	if text[i] < utf8.RuneSelf {
		return i + 1 + keycap(text[i+1:])
	}
	for most := i + maxEmoji; ; {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if second, size := utf8.DecodeRuneInString(text[i:]); regional(r) && regional(second) {
			return i + size
		}
		for i < len(text) && i < most {
			r, size := utf8.DecodeRuneInString(text[i:])
			if !variation(r) && !tone(r) && !tag(r) && r != 0x20e3 {
				break
			}
			i += size
		}
		joined := strings.TrimPrefix(text[i:], string(zwj))
		if len(joined) == len(text)-i || i >= most {
			return i
		}
		r, size = utf8.DecodeRuneInString(joined)
		if !pictograph(r) && !emojiAt(r, joined[size:]) {
			return i
		}
		i += len(string(zwj))
	}
}

// plainEmoji returns an emoji without what only says how it looks.
func plainEmoji(sequence string) string {
	plain := strings.Map(func(r rune) rune {
		if variation(r) || tone(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, sequence)
	return clip(plain)
}

// emoji yields an emoji: one that is joined of several as a whole with these
// as its parts, without signs for men and women.
func (w *walker) emoji(start, end int) (from int, more bool) {
	sequence := plainEmoji(w.text[start:end])
	w.sentence.end = 0
	parts := strings.Split(sequence, string(zwj))
	if len(parts) == 1 {
		return end, w.yield(Token{Term: sequence, Start: start, End: end})
	}
	parts = parts[:1+len(w.pictures(parts[1:]))]
	if !w.yield(Token{Term: sequence, Spans: len(parts), Start: start, End: end}) {
		return end, false
	}
	for _, part := range parts {
		if part != "" && !w.yield(Token{Term: part, Part: true, Start: start, End: end}) {
			return end, false
		}
	}
	return end, true
}

// pictures returns the parts that are more than a sign.
func (w *walker) pictures(parts []string) []string {
	n := 0
	for _, part := range parts {
		if r, _ := utf8.DecodeRuneInString(part); r != '♀' && r != '♂' {
			parts[n] = part
			n++
		}
	}
	return parts[:n]
}
