package layout

// datedChat: chats, whose lines begin with a date and a time of day, then the
// name and a colon.
var datedChat = Layout{
	Name: "dated_chat",
	head: func(w []look) (head, bool) {
		k := &w[0]
		if !k.timed || !k.front.Dated {
			return head{}, false
		}
		if k.prefix.ok {
			return k.labelled(), true
		}
		return head{stamp: k.front, timed: true, reset: true, words: k.rest}, true
	},
	fits: func(t *trial) bool { return t.heads*10 >= t.lines*3 && t.named*2 >= t.heads && t.orderly() },
}
