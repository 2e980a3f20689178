import Testing

@testable import LoamCLI

@Suite struct PageTests {
  private var page: Page {
    var page = Page(.title("Three rows"))
    page.facts(("users", "2"), ("items", "14"))
    page.add(.title("Then"))
    page.add(.line("one line"))
    page.add(.hint("loam stat STORE"))
    return page
  }

  @Test func titlesAndHintsStandApart() {
    #expect(
      page.text(.plain) == """
        Three rows
          users  2
          items  14

        Then
          one line

        → loam stat STORE

        """)
  }

  @Test func quietLeavesTheHintOut() {
    #expect(!page.text(.plain, hints: false).contains("→"))
  }
}
