/** Archives of the map: one file, at an address (/?archive=/archives/diachinh.pmtiles) or of this device, read without a server. */
import { addProtocol } from "maplibre-gl";
import type { Map as MapLibre, StyleImageMetadata, StyleSpecification } from "maplibre-gl";
import type { Protocol } from "pmtiles";
import { useEffect } from "preact/hooks";
import type { Unit } from "./api";
import type { Bounds } from "./bounds";
import { instant, unitName } from "./format";
import type { KeptParcel } from "./kept";
import { useTexts } from "./texts";

export interface Archive {
  style: StyleSpecification;
  bounds: Bounds;
  images: Images | null;
  /** When the register was as the archive shows it; empty where it does not say. */
  madeAt: string;
  /** The commune it is of and the parcels that can be found in it, where it tells of them. */
  commune: Unit | null;
  parcels: KeptParcel[] | null;
}

/** The images the style names: where each stands in one picture (base64). */
interface Images {
  index: Record<string, { x: number; y: number; width: number; height: number } & Partial<StyleImageMetadata>>;
  png: string;
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
    const { style, images, as_of, commune, parcels } = told as {
      commune?: Unit;
      parcels?: KeptParcel[];
      style?: StyleSpecification;
      images?: Images;
      as_of?: { made_at?: string };
    };
    if (!style?.layers) throw new NoArchive();
    protocol.add(file);
    return {
      style: { ...style, sources: { register: { type: "vector", url: `pmtiles://${file.source.getKey()}` } } },
      bounds: [header.minLon, header.minLat, header.maxLon, header.maxLat],
      images: images ?? null,
      madeAt: as_of?.made_at ?? "",
      commune: commune ?? null,
      parcels: Array.isArray(parcels) ? parcels : null,
    };
  } catch (error) {
    throw error instanceof NoArchive ? error : new NoArchive(String(error));
  }
}

/** Gives a map the images of an archive's style. */
export async function drawImages(map: MapLibre, images: Images): Promise<void> {
  const bytes = Uint8Array.from(atob(images.png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  const drawing = canvas.getContext("2d")!;
  drawing.drawImage(picture, 0, 0);
  for (const [name, { x, y, width, height, ...options }] of Object.entries(images.index)) {
    if (!map.hasImage(name)) map.addImage(name, drawing.getImageData(x, y, width, height), options);
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

/** Which archive is shown, and since when; where it stands in for a server that is away, that, and the way back. */
export function KeptTold(props: { archive: Archive; away: boolean; back: boolean }) {
  const { language, say } = useTexts();
  const { commune, madeAt, parcels } = props.archive;
  const at = madeAt ? instant(madeAt) : "?";
  return (
    <div class="archive-told" role="status">
      <p>
        {props.away && <b>{say(props.back ? "error.back" : "offline.away")} </b>}
        {commune ? say("offline.shown", { name: unitName(commune), at }) : say("archive.shown", { at: madeAt ? new Date(madeAt).toLocaleString(language) : "?" })}
      </p>
      {parcels && (props.back || !props.away) && (
        <button type="button" class="plain" onClick={() => location.reload()}>
          {say("offline.online")}
        </button>
      )}
    </div>
  );
}
