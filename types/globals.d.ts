// Globals that pages load as classic scripts, and the events that our own scripts and htmx dispatch.
import type KonvaNamespace from "konva";
import type SignaturePadClass from "signature_pad";

interface Htmx {
  ajax(verb: string, path: string, context: { source: Element; target: Element; values: object }): Promise<void>;
  process(element: Element): void;
  trigger(element: Element, name: string, detail: object): void;
}

/** What of Trusted Types is used here; no browser but those of Chromium's family has them all. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(text: string): string | null; createScriptURL?(address: string): string | null },
  ): { createHTML(text: string): { toString(): string } };
}

interface HtmxRequestDetail {
  elt: HTMLElement;
  target: HTMLElement;
  xhr: XMLHttpRequest;
  requestConfig: { verb: string; path: string; formData: FormData };
  successful: boolean;
  shouldSwap: boolean;
  isError: boolean;
  headers: Record<string, string>;
}

declare global {
  interface Window {
    Konva: typeof KonvaNamespace;
    OpenSeadragon: typeof OpenSeadragon;
    SignaturePad: typeof SignaturePadClass;
    htmx?: Htmx;
    trustedTypes?: TrustedTypes;
  }

  interface DocumentEventMap {
    "htmx:load": CustomEvent<{ elt: HTMLElement }>;
    "htmx:confirm": CustomEvent<{ elt: HTMLElement; question?: string; issueRequest(skip: boolean): void }>;
    "htmx:sendError": CustomEvent<HtmxRequestDetail>;
    "htmx:timeout": CustomEvent<HtmxRequestDetail>;
    "htmx:responseError": CustomEvent<HtmxRequestDetail>;
    "htmx:afterRequest": CustomEvent<HtmxRequestDetail>;
    "htmx:configRequest": CustomEvent<HtmxRequestDetail>;
    "htmx:beforeSwap": CustomEvent<HtmxRequestDetail>;
    /** The session's token was renewed, or is known to be the same. */
    "rete:token": CustomEvent<null>;
  }
}
