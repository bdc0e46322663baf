/** @file A dialog: the one place with a shadow. Fills the phone from below. */
'use client';
import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import { type ReactNode, useRef } from 'react';

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  footer: ReactNode;
};

export function Dialog({ open, onOpenChange, title, description, children, footer }: Props) {
  const opener = useRef<Element | null>(null);
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-[var(--scrim)]" />
        <Primitive.Content
          aria-describedby={description === undefined ? undefined : 'dialog-description'}
          // Radix gives the focus back to a trigger of its own; these dialogs are opened by buttons anywhere on the page.
          onOpenAutoFocus={(event) => {
            opener.current = document.activeElement;
            // A form begins where one types or chooses, not at the cross.
            const field =
              event.target instanceof HTMLElement ? event.target.querySelector<HTMLElement>('[data-first-focus]:enabled') : null;
            if (field === null) return;
            event.preventDefault();
            field.focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[86dvh] w-[min(640px,calc(100vw-32px))] -translate-x-1/2 -translate-y-1/2 flex-col rounded-[8px] bg-surface outline-none shadow-[var(--shadow)] phone:top-auto phone:bottom-0 phone:left-0 phone:max-h-[92dvh] phone:w-full phone:translate-0 phone:rounded-b-none"
        >
          <div className="flex items-start gap-3 border-line border-b py-3.5 pr-3.5 pl-5 phone:pl-4">
            <div className="min-w-0 flex-1">
              <Primitive.Title className="text-title">{title}</Primitive.Title>
              {description !== undefined && (
                <Primitive.Description id="dialog-description" className="mt-0.5 text-ink-2">
                  {description}
                </Primitive.Description>
              )}
            </div>
            <Primitive.Close
              aria-label="Close"
              className="inline-grid size-[30px] shrink-0 place-items-center rounded-control text-ink-3 hover:bg-sunken hover:text-ink phone:size-11"
            >
              <X size={16} strokeWidth={1.75} aria-hidden="true" />
            </Primitive.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
          <div className="flex flex-wrap items-center justify-end gap-2 border-line border-t px-5 py-3 phone:px-4">{footer}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export const DialogClose = Primitive.Close;
