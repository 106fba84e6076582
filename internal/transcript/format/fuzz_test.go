package format

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"griot/internal/transcript"
)

// fuzz gives text to one parser, whatever Sniff would say of it, and checks
// the promises of Parse.
func fuzz(f *testing.F, kind Kind, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	read := readerOf(kind)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) { // what decoding gives is
			text = strings.ToValidUTF8(text, "\uFFFD")
		}
		read.sniff(text)
		p, err := read.read(strings.NewReader(text), 1<<20, transcript.Hint{})
		checkOutcome(t, p, err)
	})
}

func checkOutcome(t *testing.T, p Parsed, err error) {
	t.Helper()
	var e *Error
	switch {
	case err == nil && len(p.Turns) == 0:
		t.Error("neither turns nor an error")
	case err != nil && !errors.As(err, &e):
		t.Errorf("not an *Error: %v", err)
	case e != nil && (e.Message == "" || e.Line < 0 || !slices.Contains([]string{ParseError, EmptyTranscript, TooLarge, UnsupportedFormat}, e.Code)):
		t.Errorf("%+v", e)
	}
	checkTurns(t, p.Turns)
}

func FuzzVTT(f *testing.F) {
	files, _ := filepath.Glob("testdata/webvtt/*.vtt")
	var seeds []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, string(b))
	}
	fuzz(f, VTT, append(seeds, vtt("00:01.000 --> 00:02.000\n<v.a Ana &amp; B>x<00:01.5>y</v> <b\n\n00:01.000 --> 00:02.000\nBo: &#0;"))...)
}

func FuzzSRT(f *testing.F) {
	fuzz(f, SRT, "1\n00:00:01,000 --> 00:00:02,500\n{\\an8}<i>Ana: Hello.\n\nYou.\n\n2\n0:01.5-->1:02.25 X1:1\nHi.\n3", "x\n4\n --> \n")
}

func FuzzText(f *testing.F) {
	fuzz(f, Text, "Ana (00:12:03): Hello.\n[00:01 - 00:02] x\n\nBo  0:15\nyes", "0:00:01 Ana Bell\nx\n—: y\n王芳：z\nMusic: la\nhttp://x", "a: b\na: c\nC [0:01]:\n")
}

func FuzzMarkdown(f *testing.F) {
	fuzz(f, Markdown,
		"---\nlang: en\n---\n# T\n\n**Ana:** \\[00:01\\] a *b* `c` [d](e) ![f](g) <br> &amp; <!-- x -->\n> q\n\n- l\n1. m\n\nBreak\n\n**Bo [0:02]**: ~~x~~ __y__",
		"Ana: x\n===\n[0:01](u) y\n**—:** z\n[1]: http://x\n```\nk\n```", "**_a*b_c***`` ` [x](([y]![z](")
}

func FuzzTTML(f *testing.F) {
	fuzz(f, TTML, ttml(` ttp:frameRate="25" ttp:tickRate="10" ttp:frameRateMultiplier="1000 1001"`, `<ttm:agent xml:id="a"><ttm:name>Ines</ttm:name></ttm:agent>`,
		`<div begin="1s" timeContainer="seq"><p begin="00:00:01:05.1" dur="2t" ttm:agent="a">x<br/><span begin="1f" ttm:agent="b c">y</span></p></div><set/>`),
		"<tt><body><p>x", "<tt:tt xmlns:tt='a'><body><p begin='1:2' end='-1'><![CDATA[<]]>&nbsp;&x;<!-- ' --></p></body>")
}

func FuzzXML(f *testing.F) {
	fuzz(f, XML, `<transcript><text start="1" dur="2">a &amp;lt;b&amp;gt;</text><turn time="1"/>b<br/>c</transcript>`,
		`<Trans><Speaker id="1" name="I"/><Turn speaker="1 1" startTime="0"><Sync time="0"/>a<Sync time="2.5"/>b</Turn></Trans>`,
		`<timedtext><body><p t="1" d="2"><s t="1">a</s></p></body></timedtext>`, "<transcript><segment><start>1</start><speaker>I</speaker><text>a</text></segment>", "<a/>")
}

func FuzzHTML(f *testing.F) {
	fuzz(f, HTML, `<cite>Ines:</cite><time>0:04</time><p>A &amp; <b>b<br></p><table><tr><th>a<td><p>b<p>c<table><tr><td>d</table></table>`,
		`<style>.a{font-weight:700}</style><span class="a speaker" style="font-weight: bold">x</span><main><nav><nav></nav>y</nav><pre>a`+"\r\n\n"+`b</pre></main>`,
		"<b>a:</b> b\n<dt data-m=1>c</dt><!-- <![CDATA[ ]]><title>403", "<html lang=en><input type=password><script>")
}

// What is packed is opened, whatever Sniff says of it; a document is also made
// of the text.
func FuzzDocument(f *testing.F) {
	f.Add([]byte(docx(p(b("Ines:"), r(" A.")) + "<w:tbl><w:tr><w:tc/></w:tr></w:tbl>")))
	f.Add([]byte(odt(`<text:p><text:span text:style-name="T1">Ines:</text:span><text:s text:c="9"/><text:tab/>A.</text:p>`)))
	f.Add([]byte(gzipOf("Ines: A.")))
	f.Add([]byte(zipOf("a.txt", "Ines: A.")))
	f.Add([]byte(`<w:p><w:pPr><w:pStyle w:val="Kapitel"/></w:pPr><w:r><w:rPr><w:b/><w:vanish/></w:rPr><w:t>a</w:t><w:tab/><w:br/></w:r></w:p>`))
	f.Add([]byte(`<table:table><table:table-column/><table:table-row><table:table-cell><text:h text:outline-level="2">a<text:note>b</text:note></text:h></table:table-cell></table:table-row></table:table>`))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, in := range []string{string(file), docx(string(file)), odt(string(file)), gzipOf(string(file))} {
			p, err := Parse(strings.NewReader(in), 1<<20, transcript.Hint{})
			checkOutcome(t, p, err)
		}
	})
}

// Besides, what the parser reads is JSON, one value after the other, but for
// the numbers of Python's that are none.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"language":"english","duration":8.47,"segments":[{"start":0.0,"end":3.32,"text":" Hello.","words":[{"speaker":"A"}]},{"start_ms":1,"text":"x"}]}`,
		`{"result":{"language":"en"},"transcription":[{"offsets":{"from":0,"to":3300},"text":" Hello."}]}`,
		`{"words":[{"word":"a","start":0.1,"end":1e400},{"text":"b","speaker":7}],"text":"x\n\ny"}`,
		`{"results":{"channels":[{"alternatives":[{"transcript":"x","words":[{"punctuated_word":"X"}],"paragraphs":{"paragraphs":[{"sentences":[{"text":"y"}]}]}}]},{}],"utterances":null}}`,
		`{"results":{"speaker_labels":{"segments":[{"start_time":"1.0","speaker_label":"spk_0","end_time":"2"}]},"items":[` + item("1.0", "2.0", "a", "") + `,` + item("", "", ".", "") + `]}}`,
		`{"results":{"channel_labels":{"channels":[{"channel_label":"ch_0","items":[` + item("1.0", "2.0", "a", "") + `]}]},"audio_segments":[{"transcript":"z"}]}}`,
		`{"utterances":[{"text":"a","start":1,"end":2,"speaker":"A"}],"language_code":"en_us"}`, `[{"text":"a"},null,{}] x`, `{"a":[[[`,
		`{"results":[{"alternatives":[{"transcript":"a","words":[]}],"resultEndTime":"1.2s"},{"alternatives":[{"words":[{"startTime":"0s","word":"a","speakerTag":1},{"word":"b","speakerTag":2}]}]}]}`,
		`{"results":[{"alternatives":[{"timestamps":[["a",0.4,0.6],["b",1,2]]}]}],"speaker_labels":[{"from":0.4,"to":0.6,"speaker":0}]}`,
		`{"text":"A. b","segments":[{"start":NaN,"text":"A. b","words":[{"word":"A","speaker":"x"},{"word":"b","speaker":"y","end":-Infinity}]}]}{"text":"c","start":"PT1M"}`,
		`[{"type":"message","user":"U1","ts":"1772438400.0","text":"<@U1|a> &amp; <http://x|y","user_profile":{"real_name":"Ana"}}]`,
		`{"speakers":[{"id":1,"name":"Ana"},"Bo"],"messages":[{"from":"Ana","date":"2026-03-02T08:00:00","text":["a",{"text":"b"}]}],"timestamp":{"segment":[{"segment":"c"}]}}`,
		`{"tokens":[{"text":"Wh","start_ms":1},{"text":"o"},{"text":" is"},{"text":" ","type":"spacing"}],"transcripts":[{"start_offset":16000,"transcript":"d"}]}`,
		`{"text":"<p><b>Ana:</b> x</p>","media-time":1}`,
	} {
		f.Add(s)
	}
	read := readerOf(JSON)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := read.read(strings.NewReader(text), 1<<20, transcript.Hint{})
		checkOutcome(t, p, err)
		if err != nil || strings.Contains(text, "NaN") || strings.Contains(text, "Infinity") {
			return
		}
		for dec := json.NewDecoder(strings.NewReader(text)); ; {
			var v json.RawMessage
			if err := dec.Decode(&v); err == io.EOF {
				return
			} else if err != nil {
				t.Fatal("read what is not JSON")
			}
		}
	})
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{"WEBVTT\n\x00", "\xff\xfeA\x00", "\x00A\x00B", "1\n00:00:01,000 --> 00:00:02,000\nx", "[{", "**Ana:** x", "\xff\xfb\x90\x64", "OggS", "", "%PDF-"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		kind := Sniff(file)
		p, err := Parse(strings.NewReader(string(file)), 1<<20, transcript.Hint{})
		checkOutcome(t, p, err)
		if err == nil && (p.Format != string(kind) || !kind.Transcript()) {
			t.Errorf("%q was sniffed and read as %q", kind, p.Format)
		}
	})
}

func FuzzSBV(f *testing.F) {
	fuzz(f, SBV, "0:00:01.000,0:00:02.500\nNora: a[br]b\n\n0:00:02,0:xx\n>> c\n", "[INFORMATION]\n[SUBTITLE]\n00:00:01.00,00:00:02.00\na\n00:00:02,500,00:00:03,0\nb")
}

func FuzzASS(f *testing.F) {
	fuzz(f, ASS, assHead+"Dialogue: 0,0:00:01.00,0:00:02.50,Default,Nora,0,0,0,,{\\i1}a{\\p1}m 0 0{\\p0}\\Nb{\nComment: 0,0:0:1,,,,,,,,x\n",
		"[events]\nFormat: Text, Start\nDialogue: a,0:00:01\nDialogue:,\nLanguage: de")
}

func FuzzLRC(f *testing.F) {
	fuzz(f, LRC, "[ar:x]\n[offset:-50]\n[00:01.00][61:02.5]<00:01.00>a <00:01.50>b<00:02.00>\n[00:03]\nc\n[x", "[00:01.00]<a>b<<00:02>>\n[00:00.5]\n[la:de]")
}

func FuzzMicroDVD(f *testing.F) {
	fuzz(f, MicroDVD, "{DEFAULT}{}{C:1}\n{1}{1}23,976\n{25}{}{y:i}/a|b\nc\n{9}{8}x", "{1}{1}1e9\n{99999999999999}{1}a\n{0}{0}NaN")
}

func FuzzMPL2(f *testing.F) { fuzz(f, MPL2, "[10][42]/a|/b\n[45][]c\nd\n[1", "x\n[1][2]\n[3][1]y") }

func FuzzTextGrid(f *testing.F) {
	fuzz(f, TextGrid, longGrid([]string{"IntervalTier", "Nora - words", "0 2.5 a \"b\"", "2.5 4 "}, []string{"TextTier", "x", "1 y"}),
		"\"Praat chronological TextGrid text file\"\n0 9 ! a\n1\n\"IntervalTier\" \"Nora\" 0 9\n1 0 2.5 \"a\"\n1 1e400 NaN \"", "\"ooTextFile\"\n\"TextGrid\" 0 9 <exists> 1e9 \"TextTier\" \"\" 0 9 99999999999 1 \"a\"")
}

func FuzzCSV(f *testing.F) {
	fuzz(f, CSV, "sep=;\nSpeaker;Start (ms);End;Text\nNora;0;1,5;\"a;\nb\"\n;00:00:02:15;x;c;d\n", "00:00:01,00:00:02,a b c,\"d\n0:03,0:04,e f g,h\n0:05,0:06,i j k,l",
		"Date,Author,Content\n2026-05-04T12:00:00+00:00,a,b\n1/2/2026 1:02 PM,c,d", "a|b|c\n1|2|3\n4|5|6\n7|8|9", "Start,Text\n1e14,a\n0.1,b")
}

func FuzzTSV(f *testing.F) {
	fuzz(f, TSV, "start\tend\ttext\n0\t100\t\"a\n100\t200\tb\"\n", "Timespan\tContent\tSpeaker\n0:00.0 - 0:05.3\ta\t0\n1h2m\t\"b\n\nc\"\t1\n")
}
