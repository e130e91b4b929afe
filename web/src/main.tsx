import { render } from "preact";
import "maplibre-gl/dist/maplibre-gl.css";
import { App } from "./app";
import "./page.css";

render(<App />, document.getElementById("app")!);
