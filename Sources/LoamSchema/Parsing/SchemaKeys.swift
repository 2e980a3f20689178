/// Every key of a schema file, by the mapping that it stands in. `schemas/loam-schema.json` lists the same.
public enum SchemaKeys {
  public static let top = [
    "schema", "name", "format", "event_time", "known_at", "weight", "row_key", "labels", "dense", "ids",
    "timelines", "events",
  ]
  public static let format = ["kind", "delimiter", "header", "columns", "missing", "trim"]
  public static let time = ["column", "unit"]
  public static let label = ["name", "column", "kind", "positive", "threshold", "classes", "available_at"]
  public static let dense = ["name", "each", "column", "transforms"]
  public static let id = [
    "name", "each", "column", "kind", "shape", "space", "separator", "weight_separator", "maximum_length", "bucketise",
    "admission",
  ]
  public static let admission = ["minimum_count", "epsilon", "delta"]
  public static let timeline = ["name", "entity", "when", "fields", "pairs"]
  public static let events = [
    "name", "entity", "format", "event_time", "known_at", "row_key", "labels", "dense", "ids", "pairs",
  ]
  /// Transforms that are a word, and those that are a key with their numbers.
  public static let transformWords = ["log1p", "standardise"]
  public static let transforms = ["clip", "bucketise"]
}
