package layout

import (
	"strings"

	"griot/internal/transcript/label"
)

// datedChat: chats, whose lines begin with a date and a time of day, then the
// name and a colon. A line without a name is of the chat itself, and so are
// words that WhatsApp begins with a mark of direction.
var datedChat = Layout{
	Name: "dated_chat",
	head: func(w []look) (head, bool) {
		k := &w[0]
		if !k.timed || !k.front.Dated {
			return head{}, false
		}
		if k.prefix.ok {
			h := k.labelled()
			h.words = label.WithoutEdited(h.words)
			h.notice = label.IsChatNotice(h.words) || strings.Contains(k.Text, ": \u200e"+h.words[:min(len(h.words), 8)])
			return h, true
		}
		return head{stamp: k.front, timed: true, reset: true, notice: true, words: k.rest}, true
	},
	fits: func(t *trial) bool { return t.heads*10 >= t.lines*3 && t.named*2 >= t.heads && t.orderly() },
}
