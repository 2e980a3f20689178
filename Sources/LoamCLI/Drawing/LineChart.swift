import Foundation

/// Lines over epochs as an SVG element that stands in a page.
///
/// Colours are the page's CSS variables `--line-0` and on, so that it reads on light and on dark ground. Names stand at
/// the ends of their lines, pushed apart where they would meet; each point says its value when pointed at.
struct LineChart {
  struct Line {
    var name: String
    /// One an epoch; nil where there is no value.
    var values: [Double?]
    var colour: Int
  }
  var title: String
  var lines: [Line]

  private static let (width, height) = (560.0, 300.0)
  private static let (left, right, top, bottom) = (56.0, 130.0, 34.0, 36.0)
  private static let labelHeight = 15.0

  var svg: String {
    let values = lines.flatMap { $0.values.compactMap { $0 } }
    let epochs = lines.map(\.values.count).max() ?? 0
    guard let low = values.min(), let high = values.max(), epochs > 0 else { return "" }
    let scale = Scale(low: low, high: high)
    var parts = [
      #"<svg viewBox="0 0 \#(Int(Self.width)) \#(Int(Self.height))" role="img" aria-label="\#(title.html)">"#,
      #"<text class="title" x="\#(Int(Self.left))" y="16">\#(title.html)</text>"#,
    ]
    for tick in scale.ticks {
      let y = Self.y(tick, scale)
      parts.append(#"<path class="grid" d="M\#(Self.left) \#(y.short)H\#(Self.width - Self.right)"/>"#)
      parts.append(
        #"<text x="\#(Self.left - 8)" y="\#((y + 4).short)" text-anchor="end">\#(scale.text(tick))</text>"#)
    }
    let every = max(1, (epochs + 9) / 10)
    for epoch in stride(from: 0, to: epochs, by: every) {
      let x = Self.x(epoch, epochs).short
      parts.append(#"<text x="\#(x)" y="\#(Self.height - 14)" text-anchor="middle">\#(epoch + 1)</text>"#)
    }
    for line in lines { parts += draw(line, epochs, scale) }
    parts += names(epochs, scale)
    return (parts + ["</svg>"]).joined(separator: "\n")
  }

  private static func x(_ epoch: Int, _ epochs: Int) -> Double {
    let share = epochs > 1 ? Double(epoch) / Double(epochs - 1) : 0.5
    return left + 8 + (width - left - right - 16) * share
  }

  private static func y(_ value: Double, _ scale: Scale) -> Double {
    top + (height - top - bottom) * (scale.high - value) / (scale.high - scale.low)
  }

  private func draw(_ line: Line, _ epochs: Int, _ scale: Scale) -> [String] {
    var (path, points) = ("", [String]())
    var isDown = false
    for (epoch, value) in line.values.enumerated() {
      guard let value else {
        isDown = false
        continue
      }
      let (x, y) = (Self.x(epoch, epochs).short, Self.y(value, scale).short)
      path += "\(isDown ? "L" : "M")\(x) \(y)"
      isDown = true
      points.append(
        #"<circle class="c\#(line.colour)" cx="\#(x)" cy="\#(y)" r="3"><title>\#(line.name.html), epoch \#(epoch + 1): "#
          + "\(String(format: "%.5f", value))</title></circle>")
    }
    return [#"<path class="line c\#(line.colour)" d="\#(path)"/>"#] + points
  }

  /// At the height of each line's last point, in their order from above, at least a line of text apart.
  private func names(_ epochs: Int, _ scale: Scale) -> [String] {
    var ends: [(line: Line, x: Double, y: Double)] = []
    for line in lines {
      guard let epoch = line.values.lastIndex(where: { $0 != nil }), let value = line.values[epoch] else { continue }
      ends.append((line, Self.x(epoch, epochs) + 9, Self.y(value, scale)))
    }
    ends.sort { $0.y < $1.y }
    for index in ends.indices.dropFirst() { ends[index].y = max(ends[index].y, ends[index - 1].y + Self.labelHeight) }
    let over = (ends.last?.y ?? 0) - (Self.height - Self.bottom)
    if over > 0 { for index in ends.indices { ends[index].y -= over } }
    return ends.map {
      #"<text class="name c\#($0.line.colour)" x="\#($0.x.short)" y="\#(($0.y + 4).short)">\#($0.line.name.html)</text>"#
    }
  }

  /// Round numbers below, above and between all values.
  private struct Scale {
    let (low, high, step): (Double, Double, Double)

    init(low: Double, high: Double) {
      let span = max(high - low, abs(high) * 1e-3, 1e-6)
      let power = pow(10, floor(log10(span / 4)))
      step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 5 } ?? 10 * power
      self.low = floor(low / step) * step
      self.high = max(ceil(high / step) * step, self.low + step)
    }

    var ticks: [Double] { (0...Int(((high - low) / step).rounded())).map { low + Double($0) * step } }
    func text(_ value: Double) -> String { String(format: "%.\(max(0, Int(ceil(-log10(step) - 1e-9))))f", value) }
  }
}

extension Double {
  fileprivate var short: String { String(format: "%.1f", self) }
}

extension String {
  /// As text or attribute of HTML.
  var html: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
