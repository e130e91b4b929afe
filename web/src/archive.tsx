/** Archives of the map: one file, at an address (/?archive=/archives/diachinh.pmtiles) or of this device, read without a server. */
import { addProtocol } from "maplibre-gl";
import type { StyleSpecification } from "maplibre-gl";
import type { Protocol } from "pmtiles";
import { useEffect } from "preact/hooks";
import type { Bounds } from "./bounds";
import { useTexts } from "./texts";

export interface Archive {
  style: StyleSpecification;
  bounds: Bounds;
  /** When the register was as the archive shows it; empty where it does not say. */
  madeAt: string;
}

/** The file could not be read, or is no archive of this map. */
export class NoArchive extends Error {}

let protocol: Protocol | null = null;

/** The archive in the page's address, made absolute; null where it names none. */
export function archiveInAddress(): string | null {
  const named = new URLSearchParams(location.search).get("archive");
  return named ? new URL(named, location.href).href : null;
}

/** Reads what an archive says of itself; its tiles are fetched as the map needs them. Raises NoArchive. */
export async function openArchive(from: string | File): Promise<Archive> {
  const { FileSource, PMTiles, Protocol } = await import("pmtiles");
  if (!protocol) {
    protocol = new Protocol();
    addProtocol("pmtiles", protocol.tile);
  }
  const file = new PMTiles(typeof from === "string" ? from : new FileSource(from));
  try {
    const [header, told] = await Promise.all([file.getHeader(), file.getMetadata()]);
    const { style, as_of } = told as { style?: StyleSpecification; as_of?: { made_at?: string } };
    if (!style?.layers) throw new NoArchive();
    protocol.add(file);
    return {
      style: { ...style, sources: { register: { type: "vector", url: `pmtiles://${file.source.getKey()}` } } },
      bounds: [header.minLon, header.minLat, header.maxLon, header.maxLat],
      madeAt: as_of?.made_at ?? "",
    };
  } catch (error) {
    throw error instanceof NoArchive ? error : new NoArchive(String(error));
  }
}

/** Opens a file chosen here, or dropped anywhere on the page. */
export function OpenArchive(props: { onFile: (file: File) => void }) {
  const { say } = useTexts();
  const { onFile } = props;
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) onFile(file);
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, [onFile]);
  return (
    <label class="archive-open">
      {say("archive.open")}
      <input
        type="file"
        accept=".pmtiles"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
