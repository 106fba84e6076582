package format

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	check(t, Text, []rule{
		{"numbers at the margin", "                         12\n\n  1     Q   Ihr Name?\n  2     A   Ilse\n  3  Krämer.\n  4         MR. BO: Einspruch.\n  5\n  6     Q   Und?\n  7     A   Nein.\n  8     THE WITNESS: Doch.\n                         13\n  1     BY MR. BO:\n  2     Q   Wo?\n  3     A   Hier.",
			[]string{"Q|||Ihr Name?", "A|||Ilse Krämer.", "MR. BO|||Einspruch.", "Q|||Und?", "A|||Nein.", "THE WITNESS|||Doch.", "Q|||Wo?", "A|||Hier."}},
		{"names", "Ana: Hello.\nBo: Hi.\nAna: Bye.", []string{"Ana|||Hello.", "Bo|||Hi.", "Ana|||Bye."}},
		{"once each", "Ana Bell: Hello.\nBo: Hi.", []string{"Ana Bell|||Hello.", "Bo|||Hi."}},
		{"continuation", "Ana: Hello,\n  all of\nyou.\n\nAnd you.\nBo: Hi.", []string{"Ana|||Hello, all of you. And you.", "Bo|||Hi."}},
		{"words below the name", "Ana:\nHello.\n\nBo:\nHi.", []string{"Ana|||Hello.", "Bo|||Hi."}},
		{"time after the name", "Ana (00:12:03): Hello.\nBo [12:04.5]: Hi.\nDr. Cy O'Neil (1:02:03):\nYes.",
			[]string{"Ana|723000||Hello.", "Bo|724500||Hi.", "Dr. Cy O'Neil|3723000||Yes."}},
		{"time before the name", "[00:12:03] Ana: Hello.\n(12:04) Bo: Hi.\n00:12:05 Cy: Yes.",
			[]string{"Ana|723000||Hello.", "Bo|724000||Hi.", "Cy|725000||Yes."}},
		{"time before the words", "Ana: [00:05] Hello.\nBo: 12:30 is fine.", []string{"Ana|5000||Hello.", "Bo|||12:30 is fine."}},
		{"range before the words", "[00:00:01.000 --> 00:00:04.250]  Hello.\n[00:00:04.250 --> 00:00:05.000]  Hi.",
			[]string{"|1000|4250|Hello.", "|4250|5000|Hi."}},
		{"name and time of their own", "Ana Bell  0:00\nHello.\n\nSpeaker 2  0:15 \nHi.\nThere.\n",
			[]string{"Ana Bell|0||Hello.", "Speaker 2|15000||Hi. There."}},
		{"signs between them", "Ana Bell - 0:01\nHello.\nBo | 0:05\nYes.", []string{"Ana Bell|1000||Hello.", "Bo|5000||Yes."}},
		{"one space between them", "Ana 0:03\nHello.\nBo 0:15\nHi.\nAna 0:20\nYes.\nBo 0:25\nNo.\nMonday 12:30\n",
			[]string{"Ana|3000||Hello.", "Bo|15000||Hi.", "Ana|20000||Yes.", "Bo|25000||No. Monday 12:30"}},
		{"time and name of their own", "0:00:01 Ana Bell\nHello.\n0:00:05 Bo\nHi.\n0:00:07 Ana Bell\nYes.\n0:00:09 Bo\nNo.",
			[]string{"Ana Bell|1000||Hello.", "Bo|5000||Hi.", "Ana Bell|7000||Yes.", "Bo|9000||No."}},
		{"time of its own", "00:00:00\n\nAna: Hello.\nBo: Hi.\n\n00:05:00\n\nAna: Well.",
			[]string{"Ana|0||Hello.", "Bo|||Hi.", "Ana|300000||Well."}},
		{"times inside a turn start another", "Ana: Hello.\n[00:05] Also this.\nBo: Hi.",
			[]string{"Ana|||Hello.", "Ana|5000||Also this.", "Bo|||Hi."}},
		{"lower case comes again", "interviewer: Hello.\np01: Hi.\ninterviewer: So?\np01: Yes.",
			[]string{"interviewer|||Hello.", "p01|||Hi.", "interviewer|||So?", "p01|||Yes."}},
		{"lower case once is words", "Ana: Two things count:\nspeed: it is fast.\ncost: it is cheap.\nBo: Yes.\nAna: Well.",
			[]string{"Ana|||Two things count: speed: it is fast. cost: it is cheap.", "Bo|||Yes.", "Ana|||Well."}},
		{"question and answer", "Q: Who?\nA: Me.\nI: And?\nR: Also me.\nI: Really?", []string{"Q|||Who?", "A|||Me.", "I|||And?", "R|||Also me.", "I|||Really?"}},
		{"spellings of names", "SPEAKER_00: a\nJosé-María de la Cruz: b\nO’Neil (Acme Corp): c\nMr. X: d\nAnn & Bo: e\nUnknown Speaker 3: f\n>> HOST: g",
			[]string{"SPEAKER_00|||a", "José-María de la Cruz|||b", "O’Neil (Acme Corp)|||c", "Mr. X|||d", "Ann & Bo|||e", "Unknown Speaker 3|||f", "HOST|||g"}},
		{"full-width colon", "王芳：你好。\n李雷：你好！\n王芳：再见。\n李雷：再见。", []string{"王芳|||你好。", "李雷|||你好！", "王芳|||再见。", "李雷|||再见。"}},
		{"not names", "Ana: Look:\nhttp://example.org/a: b\nhttps://example.org\n12:30 was the time\nNote: wait\nStep 1: open it\n" +
			"Note that the following steps apply: one\nC:\\Users\\ana: that\nstd::vector\nYes: no\n- Speed: high\n10 Things: all\nRemember: lock the door\nThis Is A Very Long Heading Of Words: x\n" +
			"I said: hello.\nHe Said: hello.\nAnd then Bo: hello.\nBo: Yes.\nAna: And?\nBo: So.\nAna: Well.",
			[]string{"Ana|||Look: http://example.org/a: b https://example.org 12:30 was the time Note: wait Step 1: open it " +
				"Note that the following steps apply: one C:\\Users\\ana: that std::vector Yes: no - Speed: high 10 Things: all Remember: lock the door " +
				"This Is A Very Long Heading Of Words: x I said: hello. He Said: hello. And then Bo: hello.", "Bo|||Yes.", "Ana|||And?", "Bo|||So.", "Ana|||Well."}},
		{"music has no speaker", "Music: la la\nAna: Hello.\nTheme Music: la", []string{"|||la la", "Ana|||Hello.", "|||la"}},
		{"a dash is nobody", "Ana: Hello.\n—: Somebody coughs.", []string{"Ana|||Hello.", "|||Somebody coughs."}},
		{"before the first name", "Interview 4\nDate: 2024-05-01\n\nAbout the close.\n\nAna: Hello.",
			[]string{"|||About the close.", "Ana|||Hello."}},
		{"paragraphs", "It was a day.\nA long one.\n\n\nThen: night.\n", []string{"|||It was a day. A long one.", "|||Then: night."}},
		{"control characters", "Ana: a\x0bb\x0cc\u2028d\te", []string{"Ana|||a b c d\te"}},
	})
	checkFailing(t, []failing{
		{"empty", "", EmptyTranscript, 0},
		{"blank", " \n\t\r\n\u00a0\u200b", EmptyTranscript, 0},
		{"only names", "Ana:\nBo:\n", EmptyTranscript, 0},
		{"NUL far behind", strings.Repeat("Ana: Hello.\n", 4000) + "\x00", UnsupportedFormat, 4001},
	})
}
