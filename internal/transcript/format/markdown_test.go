package format

import "testing"

func TestMarkdown(t *testing.T) {
	check(t, Markdown, []rule{
		{"names", "**Ana Bell:** Hello.\n\n**Bo**: Hi.\n\n__Cy:__ Yes.\n\n**Dee** : No.\n\n*Ed:* Well.\n\n<b>Flo:</b> Bye.",
			[]string{"Ana Bell|||Hello.", "Bo|||Hi.", "Cy|||Yes.", "Dee|||No.", "Ed|||Well.", "Flo|||Bye."}},
		{"continuation", "**Ana:** Hello.\n\nStill me.\n\n**Bo:** Hi.\n\nAnd me.",
			[]string{"Ana|||Hello.", "Ana|||Still me.", "Bo|||Hi.", "Bo|||And me."}},
		{"soft line breaks", "**Ana:** Hello,\nyou.  \nAll of you.", []string{"Ana|||Hello, you. All of you."}},
		{"no blank lines", "**Ana:** Hello.\n**Bo:** Hi.", []string{"Ana|||Hello.", "Bo|||Hi."}},
		{"name alone", "**Ana:**\n\nHello.\n\n**Bo:**\nHi.", []string{"Ana|||Hello.", "Bo|||Hi."}},
		{"marks", "**Ana:** [00:05] Hello.\n\n**Bo:** Well \\[04:19\\] more \\[00:04:20.5\\] text.\n\n\\[1:02:03\\] Later.\n\n**Ana:** None.",
			[]string{"Ana|5000||Hello.", "Bo|259000||Well more text.", "Bo|3723000||Later.", "Ana|||None."}},
		{"marks beside the name", "[00:05] **Ana:** a\n\n**[00:06] Bo:** b\n\n**Cy [00:07]:** c\n\n**Dee** (00:08): d\n\n**Ed** [00:09]\ne\n\n**Flo** 00:10\n\nf\n\n0:00:11.5 **Gus Hill** g",
			[]string{"Ana|5000||a", "Bo|6000||b", "Cy|7000||c", "Dee|8000||d", "Ed|9000||e", "Flo|10000||f", "Gus Hill|11500||g"}},
		{"words that begin with a time", "**Ana:** 12:30 is fine.\n\n12:45 is not.", []string{"Ana|||12:30 is fine.", "Ana|||12:45 is not."}},
		{"linked marks", "**Ana:** [00:05](https://example.org/v?t=5) Hello.\n\n[01:00](https://example.org/v?t=60): More.",
			[]string{"Ana|5000||Hello.", "Ana|60000||More."}},
		{"marks at the end and before a full stop", "**Ana:** One [00:05], two[00:06]. Three [00:07]", []string{"Ana|5000||One, two. Three"}},
		{"no marks", "**Ana:** [12:60] of [4:5], [unintelligible 00:02:21.25] (00:10) \\[laughter\\]",
			[]string{"Ana|||[12:60] of [4:5], [unintelligible 00:02:21.25] (00:10) [laughter]"}},
		{"breaks", "**Ana:** Hello.\n\n**Break:** \\[00:48\\]\n\nAnybody.\n\n**Bo:** Hi.\n\nBreak\n\n**Jingle:** la la\n\n**Bo:** Yes.\n\n[Applause]\n\nThank you.\n\nLet's take a break.\n\n**Theme music:** la\n\n**Bo:** Right.\n\n**Old Show Intro:** \\[01:00\\]",
			[]string{"Ana|||Hello.", "|||Anybody.", "Bo|||Hi.", "|||la la", "Bo|||Yes.", "Bo|||Thank you.", "Bo|||Let's take a break.", "|||la", "Bo|||Right."}},
		{"a time alone", "**Ana:** Hello.\n\n[05:00]\n\nStill me.\n\nAnd on.", []string{"Ana|||Hello.", "Ana|300000||Still me.", "Ana|||And on."}},
		{"not speech", "---\ntitle: A\nlang: en-us\n---\n\n# Title\n\nSub\n---\n\n![pic](a.png)\n\n<!-- **No:** no\n\nno -->\n**Ana:** Hello.\n\n---\n\n## Part\n\nMore. <!-- no --> Yes.\n\n***\n\n[1]: https://example.org\n[^2]: Footnote\n",
			[]string{"Ana|||Hello.", "Ana|||More.  Yes."}},
		{"rules below words", "**Ana:** Hello there.\n---\n\nThat was all of it.\n---\n", []string{"Ana|||Hello there.", "Ana|||That was all of it."}},
		{"inline", "**Ana:** **Bold**, *it*, ***both***, _un_ and `co*de` [a link](https://example.org \"t\"), [ref][1], ~~old~~ <https://e.org> a<br>b &amp; c\\# snake_case 2*3*4 * ok * [x] ![i](j) f\\*ck",
			[]string{"Ana|||Bold, it, both, un and co*de a link, ref, old https://e.org a b & c# snake_case 2*3*4 * ok * [x]  f*ck"}},
		{"nested", "**Ana:** **\\*kazoo\\*** and **a *b* c** and [**d** e](f_(g)) and *h **i***",
			[]string{"Ana|||*kazoo* and a b c and d e and h i"}},
		{"quotes", "**Ana:** He says:\n\n> First *one*.\n> Still.\n>\n> Second.\n\nI say.", []string{"Ana|||He says:", "Ana|||First one. Still.", "Ana|||Second.", "Ana|||I say."}},
		{"lists", "**Ana:** Namely:\n\n- One\n- Two\n  more\n* **Bo:** Three\n\n1. Four\n2. Five\n\nIn the year\n1984. Done",
			[]string{"Ana|||Namely:", "Ana|||One", "Ana|||Two more", "Bo|||Three", "Bo|||1. Four", "Bo|||2. Five", "Bo|||In the year 1984. Done"}},
		{"plain names", "# Episode 1\n\nAna: Hello.\nBo: Hi.\n\nStill me.\n\n[00:05] Ana: Bye.",
			[]string{"Ana|||Hello.", "Bo|||Hi.", "Bo|||Still me.", "Ana|5000||Bye."}},
		{"plain names are words beside bold ones", "**Ana:** Hello.\n\nBo: no.\n\nBo: no.", []string{"Ana|||Hello.", "Ana|||Bo: no.", "Ana|||Bo: no."}},
		{"no names", "# Talk\n\nOne.\n\nTwo\nthree.", []string{"|||One.", "|||Two three."}},
		{"emphasis that is no name", "**Ana:** Hello.\n\n**Important** things.\n\n**Note:** this.\n\n**Really?** Yes.",
			[]string{"Ana|||Hello.", "Ana|||Important things.", "Ana|||Note: this.", "Ana|||Really? Yes."}},
		{"times on lines of one paragraph", "# T\n\n[00:01] One\n[00:02] two\n\nThree\n[00:03] four", []string{"|1000||One", "|2000||two", "|||Three", "|3000||four"}},
		{"unicode and titles", "**Mireille B. Reece, Psy.D:** Ja.\n\n**🎙 Host & Co.:** Nein.", []string{"Mireille B. Reece, Psy.D|||Ja.", "🎙 Host & Co.|||Nein."}},
		{"a dash is nobody", "**Ana:** Hello.\n\n**—:** [00:04] Hm.", []string{"Ana|||Hello.", "|4000||Hm."}},
		{"fences", "**Ana:** So:\n\n```go\nx := 1\n```\n\nYes.", []string{"Ana|||So:", "Ana|||x := 1", "Ana|||Yes."}},
		{"unclosed comment", "**Ana:** a <!-- b", []string{"Ana|||a <!-- b"}},
	})
	checkFailing(t, []failing{
		{"only headings", "# A\n\n## B\n", EmptyTranscript, 0},
		{"only names", "**Ana:**\n\n**Break:** [00:01]\n", EmptyTranscript, 0},
	})
}

func TestMarkdownLanguage(t *testing.T) {
	p := mustParse(t, "---\nlang: de_at\n---\n**Ana:** Servus.")
	if p.Language != "de-AT" {
		t.Errorf("language %q", p.Language)
	}
}
